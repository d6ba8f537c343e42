import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from '@jest/globals';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

/**
 * A suite on real files that are not part of the project. Where they are absent it says so and is passed over, except in
 * CI, where that would go unnoticed: there it fails.
 */
export function describeWithData(folder: string, suite: (path: string) => void): void {
  const path = `${DATA}${folder}`;
  if (existsSync(path))
    describe(`real data: ${folder}`, () => {
      suite(path);
    });
  else if (process.env['CI']) {
    it(`real data: ${folder}`, () => {
      throw new Error(`../shared/data/${folder} is absent, and CI is to test with it.`);
    });
  } else {
    const message = `skipped: ../shared/data/${folder} is absent`;
    process.stderr.write(`${message}\n`);
    it(`real data: ${folder} (${message})`, () => {});
  }
}
