import type { SecretLife } from './wire.js';

/** A table whose columns line up: a header, then a line for each row. */
export function table(header: string[], rows: unknown[][]): string {
  const cells = [header, ...rows.map((row) => row.map(cell))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((text, column) => pad(text, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function pad(text: string, width: number): string {
  return /^\d+$/.test(text) ? text.padStart(width) : text.padEnd(width);
}

/** A list as a table, or a sentence when there is nothing in it. */
export function listing<T>(items: T[], what: string, columns: Record<string, (item: T) => unknown>): string {
  if (items.length === 0) return `No ${what}.`;
  const rows = items.map((item) => Object.values(columns).map((value) => value(item)));
  return table(Object.keys(columns), rows);
}

/** Secrets by their masks and dates. */
export function lives(secrets: readonly SecretLife[], what: string): string {
  return listing([...secrets], what, {
    ID: (s) => s.id,
    SECRET: (s) => s.masked,
    STATE: (s) => s.state,
    ISSUED: (s) => s.createdAt,
    RETIRES: (s) => s.retiresAt,
    EXPIRES: (s) => s.expiresAt,
    'LAST USED': (s) => s.uses?.[0]?.lastAt,
    FROM: (s) => s.uses?.[0]?.address,
  });
}

/** Names and values, one a line, the values lined up; what is absent has no line. */
export function facts(named: Record<string, unknown>): string {
  const given = Object.entries(named).filter(([, value]) => value !== undefined && value !== null);
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `  ${name.padEnd(width)}  ${cell(value)}`).join('\n');
}

/** One value as one line: what came from others may hold control characters, and a terminal obeys those. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
