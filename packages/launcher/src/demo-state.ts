import type { DemoFile } from '@hallpass/cli';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, writePrivate } from './private-file.js';

/**
 * How far the demo is. A mark stands from before the database is made until the credentials are written: where it is found,
 * the database holds half a demo and nothing else.
 */
export class DemoState {
  readonly file: string;
  readonly #mark: string;

  constructor(folder: string) {
    this.file = join(folder, 'demo.json');
    this.#mark = join(folder, 'demo-unfinished');
  }

  async isHalfDone(): Promise<boolean> {
    const [mark, demo] = [await readIfThere(this.#mark), await this.read()];
    return mark !== undefined && demo === undefined;
  }

  async begin(): Promise<void> {
    await writeFile(this.#mark, '');
  }

  async finish(demo: DemoFile): Promise<void> {
    await writePrivate(this.file, `${JSON.stringify(demo, null, 2)}\n`);
    await this.clear();
  }

  async clear(): Promise<void> {
    await rm(this.#mark, { force: true });
  }

  async read(): Promise<DemoFile | undefined> {
    const text = await readIfThere(this.file);
    return text === undefined ? undefined : (JSON.parse(text) as DemoFile);
  }
}
