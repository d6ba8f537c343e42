import {
  addPiece,
  answerOf,
  dropErrand,
  sendErrand,
  writeErrand,
  type Actor,
  type Errand,
} from '@hallpass/database';
import { DomainError, newId, type ErrandId } from '@hallpass/domain';
import { Problem } from '@hallpass/service-kit';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { answered } from './waiting.js';

/** Begins to wait for an errand's answer, once all of it has been handed on; what it gives says when the wait is over. */
export type ErrandPatience = () => AbortSignal;
export const ERRAND_PATIENCE = Symbol('how long an errand is waited for');
const PATIENCE_MS = 30_000;
const PIECE_BYTES = 1 << 20;

/** What becomes of an errand that is not answered in time, for whoever asked for it. */
const NEXT: Readonly<Record<Errand['kind'], string>> = {
  'start-import':
    'The roster was received whole and waits to be read. Do not send it again: it appears among the imports.',
  'confirm-import':
    'Your answer was taken down and will be carried out: look at the import again in a while.',
  'discard-import':
    'Your answer was taken down and will be carried out: look at the import again in a while.',
  'create-sandbox': 'The sandbox is being made: look again in a while.',
};

/** Has admin do what this service may not: publish rosters. */
@Injectable()
export class Errands {
  readonly #patience: ErrandPatience;

  constructor(
    private readonly dataSource: DataSource,
    @Optional() @Inject(ERRAND_PATIENCE) patience?: ErrandPatience,
  ) {
    this.#patience = patience ?? (() => AbortSignal.timeout(PATIENCE_MS));
  }

  /**
   * Resolves when the errand has been run; refused as admin refused it. One that takes longer than its caller waits is left to
   * admin, with its file: taken away, it would be run on half of it. The caller is told that it is not lost.
   */
  async run(errand: Errand, actor: Actor, file?: AsyncIterable<Buffer>): Promise<void> {
    const id = newId<ErrandId>();
    await writeErrand(this.dataSource, id, errand, actor);
    try {
      if (file) await this.#keep(id, file);
      await sendErrand(this.dataSource, id);
    } catch (error) {
      await dropErrand(this.dataSource, id);
      throw error;
    }
    const answer = await answered(() => answerOf(this.dataSource, id), {
      patience: this.#patience(),
      tooLate: () => new Problem('answer-late', { detail: NEXT[errand.kind] }),
    });
    await dropErrand(this.dataSource, id);
    if (answer.outcome === 'refused') throw new DomainError(answer.code, answer.detail, answer.faults);
    if (answer.outcome === 'failed') throw new Error('an errand failed; admin’s log says why');
  }

  /** Pieces of about a MiB, whatever the network's are. */
  async #keep(id: ErrandId, file: AsyncIterable<Buffer>): Promise<void> {
    let number = 0;
    let held: Buffer[] = [];
    let bytes = 0;
    const put = async () => {
      await addPiece(this.dataSource, id, number++, Buffer.concat(held));
      held = [];
      bytes = 0;
    };
    for await (const piece of file) {
      held.push(piece);
      bytes += piece.length;
      if (bytes >= PIECE_BYTES) await put();
    }
    if (bytes > 0) await put();
  }
}
