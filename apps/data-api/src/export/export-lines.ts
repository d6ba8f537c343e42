import { RECORD_KINDS, type DistrictId, type RecordKind } from '@hallpass/domain';
import { idIn } from '../reading/roster.repository.js';
import type { OpenScopes } from '../reading/scopes.js';
import type { Found, Source, Sources } from '../reading/sources.js';
import { VIEWS_V3_1 } from '../versions/tables/v3.js';
import { textOf, type Renderer } from '../versions/renderer.js';
import type { View } from '../versions/view.js';

const CHUNK = 1000;
/** What is sent at once, in characters: a whole chunk as one text took a fifth longer. */
const PIECE_LENGTH = 1 << 16;

/** What is exported, in this order, by the names of the collections: what is referred to comes first. */
export const EXPORTED: Readonly<Record<string, View & { kind: RecordKind }>> = Object.fromEntries(
  RECORD_KINDS.map((kind) => [`${kind}s`, { ...VIEWS_V3_1[`${kind}s`], kind }]),
);

/** Of what an export is, and where it begins or goes on: at a kind, after an id. */
export interface ExportPlace {
  /** The names of the collections, in the order of `EXPORTED`. */
  kinds: readonly string[];
  kind: string;
  after: string;
}

/**
 * An export as lines of JSON, a chunk at a time: what it is of, every record, and how many there were, so that an export that
 * was cut off is told from one that is whole. The next chunk is read while one is sent, and no more is held. Before each chunk
 * `requireOpen` may throw: what has been revoked or narrowed meanwhile is not sent to its end. `noteSent` is told of what each
 * piece holds as it is handed over.
 */
export async function* exportLines(
  { sources, renderer }: { sources: Sources; renderer: Renderer },
  open: OpenScopes,
  from: ExportPlace,
  events: string,
  requireOpen: () => Promise<void>,
  noteSent: (kind: RecordKind, sent: readonly { districtId: DistrictId }[]) => void,
): AsyncGenerator<string> {
  const wanted = from.kinds.slice(from.kinds.indexOf(from.kind));
  yield line({ export: { version: 'v3.1', at: open.pin, kinds: wanted, events } });
  let records = 0;
  for (const name of wanted) {
    const view = EXPORTED[name] as (typeof EXPORTED)[string];
    const source = sources.whole(open, { kind: view.kind, roleBit: 0 });
    const prefix = `{"kind":"${name}","data":`;
    for await (const found of chunksOf(source, name === from.kind ? from.after : '')) {
      await requireOpen();
      const texts = await textsOf(renderer, view, found);
      let lines = '';
      let sent: Found['scope'][] = [];
      for (let i = 0; i < found.length; i += 1) {
        const [text, each] = [texts[i], found[i]];
        if (text !== undefined && each) {
          lines += `${prefix}${text}}\n`;
          sent.push(each.scope);
          records += 1;
        }
        if (lines.length < PIECE_LENGTH && i < found.length - 1) continue;
        noteSent(view.kind, sent);
        if (lines !== '') yield lines;
        [lines, sent] = ['', []];
      }
    }
  }
  yield line({ end: { records, events } });
}

/** The records as the version shows them, most as they are stored; undefined where it shows nothing. */
async function textsOf(
  renderer: Renderer,
  view: View,
  found: readonly Found[],
): Promise<(string | undefined)[]> {
  if (view.rendering.from === 'text') return found.map(({ text }) => text);
  const shown = await renderer.render(view, found);
  return shown.map((each) => each && textOf(each));
}

async function* chunksOf(source: Source, after: string): AsyncGenerator<Found[]> {
  const read = (from: string) => {
    const reading = source.read({ after: from, before: undefined, limit: CHUNK });
    // Whoever stops listening leaves a reading behind, whose fault is nobody's any more.
    reading.catch(() => undefined);
    return reading;
  };
  let pending: Promise<Found[]> | undefined = read(after);
  while (pending) {
    const found: Found[] = await pending;
    const last = found.at(-1);
    const goesOn = source.resumeAt?.() ?? (last && found.length === CHUNK ? idIn(last.text) : undefined);
    pending = goesOn === undefined ? undefined : read(goesOn);
    if (found.length > 0) yield found;
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
