export * from './document.js';
export * from './id.js';
export * from './import-report.js';
export * from './record.js';
