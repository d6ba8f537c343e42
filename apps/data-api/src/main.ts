import 'reflect-metadata';
import { readConfig, runService } from '@hallpass/service-kit';
import { dataApi } from './data-api.js';
import { DataApiConfig } from './config.js';

await runService(() => dataApi(readConfig(DataApiConfig, process.env)));
