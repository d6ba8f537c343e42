import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import {
  parseId,
  type DistrictId,
  type DistrictScope,
  type RecordId,
  type RecordKind,
} from '@hallpass/domain';
import { CredentialVerifier, RosterAccess, UsageCounter, type Served } from '@hallpass/service-kit';
import { Controller, Get, Header, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Call } from '../answers/call.decorator.js';
import { queryOf, type RosterCall } from '../answers/roster-call.js';
import { HandOver } from '../events/hand-over.js';
import { compileRule } from '../reading/compiled-rule.js';
import { invalid, parsePageQuery, single, type RawQuery } from '../reading/page-query.js';
import { RosterRepository } from '../reading/roster.repository.js';
import { ScopeReader, type OpenScopes } from '../reading/scopes.js';
import { Sources } from '../reading/sources.js';
import { Renderer } from '../versions/renderer.js';
import { addServed } from '../wire/served.js';
import { EXPORTED, exportLines, type ExportPlace } from './export-lines.js';

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** Everything that a credential may see, in one answer. */
@ApiTags('export')
@RosterAccess('export')
@Controller('v3.1/export')
export class ExportController {
  constructor(
    private readonly scopes: ScopeReader,
    readonly sources: Sources,
    readonly renderer: Renderer,
    private readonly repository: RosterRepository,
    private readonly handOver: HandOver,
    private readonly verifier: CredentialVerifier,
    private readonly usage: UsageCounter,
  ) {}

  @Get()
  @Header('content-type', 'application/x-ndjson')
  @ApiOperation({
    summary:
      'Streams every record as a line of JSON, of one picture; an export that broke off goes on from its last line',
  })
  @ApiQuery({
    name: 'kinds',
    required: false,
    description: 'Of these collections alone, separated by commas; of all that are shared, when left out',
    explode: false,
    schema: { type: 'array', items: { type: 'string', enum: Object.keys(EXPORTED) } },
  })
  @ApiQuery({
    name: 'kind',
    required: false,
    description: 'The collection to begin with; those before it are left out',
    schema: { type: 'string', enum: Object.keys(EXPORTED) },
  })
  @ApiQuery({
    name: 'starting_after',
    required: false,
    description: 'The last id of that collection that has come',
    schema: { type: 'string', pattern: '^[0-9a-f]{24}$' },
  })
  @ApiQuery({
    name: 'at',
    required: false,
    description: 'The picture to go on with; the first line told it',
    schema: { type: 'string' },
  })
  @ApiResponse({
    status: 200,
    description:
      'Lines of JSON: first `{"export": {"version", "at", "kinds", "events"}}`, then `{"kind", "data"}` for every record, last `{"end": {"records", "events"}}`. Without the last line the export is not whole.',
    content: { 'application/x-ndjson': { schema: { type: 'string' } } },
  })
  @ApiResponse({ status: 400, description: 'A parameter is not as it should be.', content: PROBLEM })
  @ApiResponse({ status: 410, description: 'The picture is no longer kept.', content: PROBLEM })
  async export(
    @Call() call: RosterCall,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const query = queryOf(call);
    const place = parsePlace(query);
    const open = await this.#open(call, parsePageQuery({ at: query['at'] }, []).at);
    const [only] = open.scopes;
    await this.#requirePicture(open);
    const events = await this.handOver.handOver('v3.1', only, open.pin ?? '0');
    const requireOpen = () => this.#requireOpen(call);
    const noteSent = this.#counting(call);
    const lines = Readable.from(exportLines(this, open, place, events, requireOpen, noteSent), {
      objectMode: true,
      highWaterMark: 1,
    });
    reply.header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(call.request.headers['accept-encoding'] ?? '')) return new StreamableFile(lines);
    reply.header('content-encoding', 'gzip');
    const zipped = createGzip({ level: 4 });
    lines.on('error', (error) => zipped.destroy(error));
    zipped.on('close', () => lines.destroy());
    return new StreamableFile(lines.pipe(zipped));
  }

  /** At the picture that is asked for, or the present one, which the first line has to name. */
  async #open({ access }: RosterCall, at: string | undefined): Promise<OpenScopes> {
    const open = await this.scopes.open(access, at);
    const [only] = open.scopes;
    if (open.pin !== undefined || !only) return open;
    const district = await this.repository.district(only.districtId);
    return this.scopes.open(access, String(district?.seq ?? 0));
  }

  /** An export takes long: what it opens is asked again, as a new request would be. */
  async #requireOpen({ access, request }: RosterCall): Promise<void> {
    const { decision } = await this.verifier.judge(request.headers.authorization, request.ip, new Date());
    const isAsBegun = decision.allowed && namesOf(decision.scopes) === namesOf(access.decision.scopes);
    if (!isAsBegun) throw new Error('what the export opens has changed');
  }

  /** Counts what is sent while it is sent: also what somebody was sent who did not stay to the end. */
  #counting({ request }: RosterCall) {
    const known = new Set<string>();
    return (kind: RecordKind, sent: readonly { districtId: DistrictId }[]) => {
      const served: Served[] = [];
      addServed(served, kind, sent);
      for (const each of served) {
        const key = each.district + kind;
        this.usage.countPiece(request, each, known.has(key) ? 0 : 1);
        known.add(key);
      }
    };
  }

  /** A faulty pin is told before the answer has begun. */
  async #requirePicture(open: OpenScopes): Promise<void> {
    for (const { kind } of Object.values(EXPORTED)) {
      const source = this.sources.whole(open, { kind, roleBit: 0 });
      // One kind that is shared is enough.
      if ((await source.read({ after: '', before: undefined, limit: 1 })).length > 0) return;
    }
  }
}

function namesOf(scopes: readonly DistrictScope[]): string {
  return scopes.map(({ grantId, rule }) => grantId + compileRule(rule).fingerprint).join(',');
}

function parsePlace(query: RawQuery): ExportPlace {
  const kinds = parseKinds(single(query, 'kinds'));
  const [first = ''] = kinds;
  const kind = single(query, 'kind') ?? first;
  if (!kinds.includes(kind)) throw invalid('kind', `\`kind\` is one of ${kinds.join(', ')}.`);
  const text = single(query, 'starting_after');
  if (text === undefined) return { kinds, kind, after: '' };
  const after = parseId<RecordId>(text);
  if (!after || single(query, 'kind') === undefined)
    throw invalid('starting_after', 'Send the id of the last line that came, and its `kind` with it.');
  return { kinds, kind, after };
}

/** The collections that are asked for, in the order in which they are sent. */
function parseKinds(text: string | undefined): readonly string[] {
  const all = Object.keys(EXPORTED);
  if (text === undefined) return all;
  const wanted = text.split(',');
  if (!wanted.every((each) => all.includes(each)))
    throw invalid('kinds', `\`kinds\` are of ${all.join(', ')}, separated by commas.`);
  return all.filter((each) => wanted.includes(each));
}
