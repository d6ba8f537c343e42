import 'reflect-metadata';
import { readConfig, runService } from '@hallpass/service-kit';
import { admin } from './admin.js';
import { AdminConfig } from './config.js';

await runService(() => admin(readConfig(AdminConfig, process.env)));
