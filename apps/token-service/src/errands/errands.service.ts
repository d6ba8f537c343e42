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
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { answered } from './waiting.js';

const PATIENCE_MS = 30_000;
const PIECE_BYTES = 1 << 20;

/** Has admin do what this service may not: publish rosters. */
@Injectable()
export class Errands {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Resolves when the errand has been run; refused as admin refused it. One that takes longer than its caller waits is left to
   * admin, with its file: taken away, it would be run on half of it.
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
      patienceMs: PATIENCE_MS,
      detail: 'This takes longer than it should; look again in a moment.',
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
