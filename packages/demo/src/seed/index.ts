export { type DemoOptions, seedDemo } from './seed-demo.js';
