import { readConfig, runService } from '@hallpass/service-kit';
import { HeadcountConfig, headcountService } from './headcount.js';

await runService(() => headcountService(readConfig(HeadcountConfig, process.env)));
