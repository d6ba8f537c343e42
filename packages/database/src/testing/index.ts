export * from './fixtures.js';
export * from './test-database.js';
