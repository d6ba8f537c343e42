import 'reflect-metadata';
import { readConfig, runService } from '@hallpass/service-kit';
import { TokenServiceConfig } from './config.js';
import { tokenService } from './token-service.js';

await runService(() => tokenService(readConfig(TokenServiceConfig, process.env)));
