import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { GeneratedDistrict } from './generate-district.js';

/** Writes the district's files into the folder, which is made if need be. */
export async function writeFolder(district: GeneratedDistrict, path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const file of district.files()) {
    await pipeline(Readable.from(file.chunks()), createWriteStream(join(path, file.name)));
  }
}
