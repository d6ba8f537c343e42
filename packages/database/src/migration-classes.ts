import { readdirSync, readFileSync } from 'node:fs';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const FOLDER = new URL('../migrations/', import.meta.url);

/** TypeORM orders migrations by a time at the end of their names; ours are numbered, so the number stands in. */
const FIRST = 1_700_000_000_000;

/** The numbered SQL files as migrations. A released file is never edited: what follows is a new one. */
export function migrationClasses(): (new () => MigrationInterface)[] {
  const files = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  return files.map((file) => {
    const sql = readFileSync(new URL(file, FOLDER), 'utf8');
    const number = Number(file.slice(0, 4));
    return class implements MigrationInterface {
      name = `${file.slice(5, -4)}${FIRST + number}`;
      async up(runner: QueryRunner): Promise<void> {
        await runner.query(sql);
      }
      down(): Promise<void> {
        return Promise.reject(new Error('migrations only go forward: restore a backup instead'));
      }
    };
  });
}
