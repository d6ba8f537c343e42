import { ApiError } from './errors.js';
import { type Page, type WirePage, pageOf, parameterOf } from './listing.js';
import type { RosterEvent } from './events.js';
import { KINDS, type Kind, type RosterRecord } from './resources.js';
import type { CallOptions, Query, Transport } from './transport.js';

/**
 * A step of a sync. To apply it: store `upserts` by kind and id, marked with `pull`; remove `deletes`; when `isComplete`, remove
 * whatever bears the mark of another pull; keep `checkpoint`. Best in one transaction; a step applied twice does no harm.
 */
export interface SyncStep {
  /** The full pull that the copy is made of. A new one begins where there is no checkpoint, or it is too old. */
  pull: string;
  /** Whether this belongs to the full pull, or to the changes after it. */
  phase: 'full' | 'changes';
  upserts: RosterRecord[];
  deletes: { kind: Kind; id: string }[];
  /** The full pull is whole: what is left of earlier ones is gone from the roster. */
  isComplete: boolean;
  /** Goes on after this step. It holds no secret. */
  checkpoint: string;
}

export interface SyncOptions extends CallOptions {
  /** The last `checkpoint` that was kept; everything is pulled, when left out. */
  checkpoint?: string | undefined;
  /** These kinds alone. Others than before begin a new full pull. */
  kinds?: readonly Kind[] | undefined;
  /** Records a page, 1 to 10,000; 1,000 when left out. */
  pageSize?: number | undefined;
}

/** Where a sync stands. */
interface State {
  v: 1;
  pull: string;
  kinds: readonly Kind[];
  /** Of a full pull: the picture, which of the kinds is being read, and the link that goes on with it. */
  at?: string | undefined;
  kind?: number;
  next?: string | undefined;
  /** The last event that is in the copy, or before which the picture was. */
  after?: string | undefined;
}

const PAGE_SIZE = 1000;
/** How often one sync begins anew before it gives up: pictures are kept for days. */
const RESTARTS_MAX = 3;
/** What a place is answered with that cannot be continued. */
const LOST = new Set(['cursor-expired', 'cursor-invalid', 'events-expired']);

/** A step, and where the sync stands after it. */
interface Made extends Pick<SyncStep, 'phase' | 'upserts' | 'deletes' | 'isComplete'> {
  state: State;
  /** Nothing is left after it. */
  isLast: boolean;
}

type ReadPage = <T>(path: string, query?: Query) => Promise<Page<T>>;

/** Brings a copy up to date, step by step: a full pull where it is due, then what changed; ends when nothing is left. */
export async function* sync(
  transport: Transport,
  { checkpoint, kinds = KINDS, pageSize = PAGE_SIZE, signal }: SyncOptions,
): AsyncGenerator<SyncStep, void, void> {
  const wanted = KINDS.filter((kind) => kinds.includes(kind));
  if (wanted.length === 0) throw new TypeError(`kinds are of ${KINDS.join(', ')}`);
  const read: ReadPage = async <T>(path: string, query?: Query) =>
    pageOf(await transport.json<WirePage<T>>({ path, query, signal }));
  const anew = (): State => ({ v: 1, pull: newPull(), kinds: wanted, kind: 0 });
  let state = checkpoint === undefined ? anew() : stateOf(checkpoint);
  if (state.kinds.join() !== wanted.join()) state = anew();
  for (let restarts = 0; ;) {
    let made: Made | undefined;
    try {
      made = await (state.kind === undefined
        ? changesAfter(state, read, pageSize)
        : fullPage(state, read, pageSize));
    } catch (error) {
      restarts += 1;
      if (!(error instanceof ApiError && LOST.has(error.code)) || restarts > RESTARTS_MAX) throw error;
      state = anew();
      continue;
    }
    if (!made) return;
    state = made.state;
    const { phase, upserts, deletes, isComplete, isLast } = made;
    yield { pull: state.pull, phase, upserts, deletes, isComplete, checkpoint: JSON.stringify(state) };
    if (isLast) return;
  }
}

/** The next page of a full pull. All of its pages are of one picture, whatever the kind. */
async function fullPage(state: State, read: ReadPage, pageSize: number): Promise<Made> {
  const { kind: place = 0, kinds } = state;
  const isBegin = place === 0 && state.next === undefined;
  const at = isBegin ? await pinOf(kinds, read) : state.at;
  const kind = kinds[place] as Kind;
  const { records, cursor, eventsAfter } = await (state.next === undefined
    ? read<{ id: string }>(`/v3.1/${kind}`, { limit: pageSize, at })
    : read<{ id: string }>(state.next));
  const isOver = cursor === undefined;
  const isComplete = isOver && place === kinds.length - 1;
  const after = earlier(state.after, isOver ? eventsAfter : undefined);
  const { v, pull } = state;
  return {
    phase: 'full',
    upserts: records.map((data) => ({ kind, id: data.id, data }) as RosterRecord),
    deletes: [],
    isComplete,
    isLast: false,
    state: isComplete
      ? { v, pull, kinds, after: after ?? '' }
      : { v, pull, kinds, at, kind: isOver ? place + 1 : place, next: cursor, after },
  };
}

/** The present picture's name, which only links tell: of the first kind that has a record. */
async function pinOf(kinds: readonly Kind[], read: ReadPage): Promise<string | undefined> {
  for (const kind of kinds) {
    const { cursor } = await read(`/v3.1/${kind}`, { limit: 1 });
    if (cursor !== undefined) return parameterOf(cursor, 'at');
  }
  return undefined;
}

/** The next page of changes; undefined when there are none. Of several changes of a record the last counts. */
async function changesAfter(state: State, read: ReadPage, pageSize: number): Promise<Made | undefined> {
  const { v, pull, kinds, after } = state;
  const { records, cursor } = await read<RosterEvent>('/v3.1/events', {
    starting_after: after || undefined,
    limit: pageSize,
    record_type: kinds.length === KINDS.length ? undefined : kinds,
  });
  if (records.length === 0 && cursor === undefined) return undefined;
  const changed = new Map<string, RosterEvent>();
  for (const event of records) changed.set(`${event.type.split('.')[0]} ${event.data.object.id}`, event);
  const [upserts, deletes]: [RosterRecord[], SyncStep['deletes']] = [[], []];
  for (const { type, data } of changed.values()) {
    const [kind, what] = type.split('.') as [Kind, string];
    // A kind that was added after this client is passed over.
    if (!kinds.includes(kind)) continue;
    const { id } = data.object;
    if (what === 'deleted') deletes.push({ kind, id });
    else upserts.push({ kind, id, data: data.object } as RosterRecord);
  }
  const last = records.at(-1)?.id ?? (cursor === undefined ? after : parameterOf(cursor, 'starting_after'));
  return {
    phase: 'changes',
    upserts,
    deletes,
    isComplete: false,
    isLast: cursor === undefined,
    state: { v, pull, kinds, after: last },
  };
}

/** Ids of events are in their order. */
function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

/** Told apart from every other one, also by the marks in a copy that is years old. */
function newPull(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function stateOf(checkpoint: string): State {
  try {
    const state = JSON.parse(checkpoint) as State;
    if (state.v === 1 && typeof state.pull === 'string' && Array.isArray(state.kinds)) return state;
  } catch {
    // What it is told below.
  }
  throw new TypeError('the checkpoint is not one that sync gave');
}
