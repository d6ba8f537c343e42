// Tells Node and TypeScript that what lies in dist/cjs is CommonJS, in a package that is not.
import { writeFile } from 'node:fs/promises';

await writeFile(new URL('dist/cjs/package.json', import.meta.url), '{ "type": "commonjs" }\n');
