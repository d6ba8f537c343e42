import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RowScanner } from '../src/csv/row-scanner.js';

interface Scanned {
  line: number;
  cells: string[];
}

function scan(bytes: Buffer, chunkBytes: number): Scanned[] {
  const scanner = new RowScanner();
  const { row } = scanner;
  const rows: Scanned[] = [];
  const drain = () => {
    while (scanner.next()) {
      rows.push({ line: row.line, cells: Array.from({ length: row.width }, (_, cell) => row.text(cell)) });
    }
  };
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    scanner.push(bytes.subarray(at, at + chunkBytes));
    drain();
  }
  scanner.end();
  drain();
  return rows;
}

/** Cells as their text is when trimmed, with what needs quoting in them. */
const cell = fc
  .array(fc.constantFrom('a', 'Z', '7', ',', '"', '\n', '\r\n', 'é', '語', ' ', '-'), { maxLength: 8 })
  .map((parts) => parts.join('').trim());
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 12 });

function written(rows: readonly (readonly string[])[], end: string): { text: string; lines: number[] } {
  let text = '';
  const lines: number[] = [];
  for (const row of rows) {
    lines.push(text.replaceAll('\r\n', '\n').split(/[\n\r]/).length);
    text +=
      row.map((each) => (/[",\r\n]/.test(each) ? `"${each.replaceAll('"', '""')}"` : each)).join(',') + end;
  }
  return { text, lines };
}

describe('RowScanner', () => {
  it('reads what was written, at its line, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 40 }),
        (rows, end, size) => {
          const { text, lines } = written(rows, end);
          const expected = rows.map((cells, at) => ({ line: lines[at], cells }));
          expect(scan(Buffer.from(text), size)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reads any bytes the same however they are cut', () => {
    const bytes = fc.array(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x20, 0x41, 0xe9, 0x00), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (values, size) => {
        const whole = Buffer.from(values);
        expect(scan(whole, size)).toEqual(scan(whole, 1_000));
      }),
      { numRuns: 1_000 },
    );
  });
});
