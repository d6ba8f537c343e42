import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problems/problem.js';

const MIB = 2 ** 20;

/** Lets routes take zip archives as they come: they are never held in memory. */
export function acceptArchives(fastify: Pick<FastifyInstance, 'addContentTypeParser'>): void {
  fastify.addContentTypeParser('application/zip', (_request, payload, done) => done(null, payload));
}

/** The archive that a request brings. */
export function archiveOf({ body }: Pick<FastifyRequest, 'body'>): Readable {
  if (body instanceof Readable) return body;
  throw new Problem('media-type-unsupported', { detail: 'Send the zip archive itself, as application/zip.' });
}

/** The pieces of an archive, or a problem as soon as they are more than so many MiB. */
export async function* limitedArchive(archive: Readable, mibMax: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of archive as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mibMax * MIB)
      throw new Problem('body-too-large', {
        detail: `An archive has at most ${mibMax} MiB (UPLOAD_MAX_MIB).`,
      });
    yield piece;
  }
}
