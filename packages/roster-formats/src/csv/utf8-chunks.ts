/** What a file turned out to be before it was turned into plain UTF-8. */
export type FoundEncoding = 'utf-8 with a byte order mark' | 'utf-16le' | 'utf-16be';

/**
 * The file as UTF-8 without a byte order mark. UTF-16 is known by its mark, or by the zero bytes that Latin text has in
 * it. Windows-1252 is not decided here but row by row, as exports glued together from two systems hold both.
 */
export async function* utf8Chunks(
  chunks: AsyncIterable<Buffer>,
  found: (encoding: FoundEncoding) => void,
): AsyncGenerator<Buffer> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let head: Buffer | undefined = Buffer.alloc(0);
  const decoded = (chunk: Buffer) => (decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk);
  const opened = (first: Buffer) => {
    const encoding = sniff(first);
    if (encoding) found(encoding);
    if (encoding === 'utf-8 with a byte order mark') return first.subarray(3);
    if (encoding) decoder = new TextDecoder(encoding);
    return decoded(first);
  };
  for await (const chunk of chunks) {
    if (head === undefined) yield decoded(chunk);
    else {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length < SNIFF_BYTES) continue;
      yield opened(head);
      head = undefined;
    }
  }
  if (head !== undefined && head.length > 0) yield opened(head);
  if (decoder) yield Buffer.from(decoder.decode());
}

const SNIFF_BYTES = 512;

function sniff(head: Buffer): FoundEncoding | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8 with a byte order mark';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const looked = Math.min(head.length, SNIFF_BYTES);
  const zeros = [0, 0];
  for (let at = 0; at < looked; at++) if (head[at] === 0) zeros[at % 2]!++;
  const [even, odd] = zeros as [number, number];
  if (odd > looked / 4 && even < looked / 16) return 'utf-16le';
  if (even > looked / 4 && odd < looked / 16) return 'utf-16be';
  return undefined;
}
