import {
  DomainError,
  type AppId,
  type DistrictId,
  type DomainErrorCode,
  type ErrandId,
  type Fault,
  type ImportId,
} from '@hallpass/domain';
import type { DataSource } from 'typeorm';
import type { Actor } from '../audit.js';
import { withSession } from '../session.js';
import { firstRow, rows, type Sql } from '../sql.js';

/** What the public service asks of admin, which alone may publish rosters. */
export type Errand =
  | { kind: 'start-import'; districtId: DistrictId; importId: ImportId }
  | { kind: 'confirm-import'; districtId: DistrictId; importId: ImportId }
  | { kind: 'discard-import'; districtId: DistrictId; importId: ImportId }
  | { kind: 'create-sandbox'; appId: AppId };

/** What came of an errand: it was run, or refused by a rule, or failed as no rule foresees. */
export type ErrandAnswer =
  | { outcome: 'done' }
  | { outcome: 'refused'; code: DomainErrorCode; detail: string; faults: readonly Fault[] }
  | { outcome: 'failed' };

/** Writes an errand down. One with a file is run when all of the file is there: sendErrand. */
export async function writeErrand(sql: Sql, id: ErrandId, errand: Errand, actor: Actor): Promise<void> {
  await sql.query('insert into errands (id, district_id, errand, actor) values ($1, $2, $3, $4)', [
    id,
    'districtId' in errand ? errand.districtId : null,
    JSON.stringify(errand),
    JSON.stringify(actor),
  ]);
}

/** Adds a piece of an errand's file; pieces are numbered from 0. */
export async function addPiece(sql: Sql, id: ErrandId, number: number, bytes: Buffer): Promise<void> {
  await sql.query('insert into errand_pieces (errand_id, number, bytes) values ($1, $2, $3)', [
    id,
    number,
    bytes,
  ]);
}

/** Lets an errand be run. */
export async function sendErrand(sql: Sql, id: ErrandId): Promise<void> {
  await sql.query('update errands set ready_at = now() where id = $1', [id]);
}

/** The answer to an errand once it is there; undefined before. It stays until the errand is dropped. */
export async function answerOf(sql: Sql, id: ErrandId): Promise<ErrandAnswer | undefined> {
  const row = await firstRow<{ answer: ErrandAnswer | null }>(
    sql,
    'select answer from errands where id = $1',
    [id],
  );
  return row?.answer ?? undefined;
}

/** Takes an errand away with its file, run or not. */
export async function dropErrand(sql: Sql, id: ErrandId): Promise<void> {
  await sql.query('delete from errands where id = $1', [id]);
}

/** An errand that is being run. */
export interface TakenErrand {
  id: ErrandId;
  errand: Errand;
  actor: Actor;
}

/** Nobody waits for it any more: it was answered, or has waited for admin, or its file has been coming in, for too long. */
const STALE = `answer is not null and ready_at < now() - interval '5 minutes'
  or taken_at is null and ready_at < now() - interval '1 hour'
  or ready_at is null and created_at < now() - interval '1 day'
  or created_at < now() - interval '2 days'`;

/** Held by the session that runs an errand, and gone with it. */
const LOCK_KEY = `hashtext('hallpass errand ' || $1)`;

/**
 * Runs errands, where rosters may be published. Several processes may: each errand is run by one at a time. One whose process
 * stopped in the middle is run again, from its beginning.
 */
export class ErrandDesk {
  /** `run` does what an errand asks, or throws; `onFault` is told of what is no DomainError. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly run: (taken: TakenErrand) => Promise<void>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** Runs what is ready, the oldest first, and takes away what nobody waits for any more. */
  async runAll(): Promise<void> {
    await this.dataSource.query(`delete from errands where ${STALE}`);
    const ready = await rows<{ id: ErrandId }>(
      this.dataSource,
      'select id from errands where ready_at is not null and answer is null order by ready_at',
    );
    for (const { id } of ready) await this.#runAlone(id);
    if (ready.length > 0) await this.#runWhatCameMeanwhile(ready.map(({ id }) => id));
  }

  async #runWhatCameMeanwhile(known: readonly ErrandId[]): Promise<void> {
    const more = await firstRow(
      this.dataSource,
      'select from errands where ready_at is not null and answer is null and id <> all ($1)',
      [known],
    );
    if (more) await this.runAll();
  }

  /** Runs an errand, unless another process does. */
  #runAlone(id: ErrandId): Promise<void> {
    return withSession(this.dataSource, async ({ runner }) => {
      const lock = await firstRow<{ isHeld: boolean }>(
        runner,
        `select pg_try_advisory_lock(${LOCK_KEY}) "isHeld"`,
        [id],
      );
      if (!lock?.isHeld) return;
      try {
        const taken = await firstRow<TakenErrand>(
          runner,
          `update errands set taken_at = now() where id = $1 and answer is null returning id, errand, actor`,
          [id],
        );
        if (!taken) return;
        const answer = JSON.stringify(await this.#answer(taken));
        await runner.query('update errands set answer = $2 where id = $1', [id, answer]);
      } finally {
        // Without its session the lock is gone already.
        await runner.query(`select pg_advisory_unlock(${LOCK_KEY})`, [id]).catch(() => undefined);
      }
    });
  }

  async #answer(taken: TakenErrand): Promise<ErrandAnswer> {
    try {
      await this.run(taken);
      return { outcome: 'done' };
    } catch (error) {
      if (error instanceof DomainError)
        return { outcome: 'refused', code: error.code, detail: error.message, faults: error.faults };
      this.onFault(error);
      return { outcome: 'failed' };
    }
  }
}

/** The file of an errand, piece by piece. */
export async function* errandFile(sql: Sql, id: ErrandId): AsyncGenerator<Buffer> {
  for (let number = 0; ; number++) {
    const piece = await firstRow<{ bytes: Buffer }>(
      sql,
      'select bytes from errand_pieces where errand_id = $1 and number = $2',
      [id, number],
    );
    if (!piece) return;
    yield piece.bytes;
  }
}
