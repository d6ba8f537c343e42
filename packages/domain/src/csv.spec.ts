import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvLine } from './csv.js';

describe('csvLine', () => {
  it.each([
    [['a', 1, null], 'a,1,\r\n'],
    [['Say "hi", she said'], '"Say ""hi"", she said"\r\n'],
    [['two\nlines'], '"two\nlines"\r\n'],
    [['=1+1'], "'=1+1\r\n"],
    [['=HYPERLINK("http://x","y")'], '"\'=HYPERLINK(""http://x"",""y"")"\r\n'],
    [['+1', '-1', '@SUM(A1)', ' =1'], "'+1,'-1,'@SUM(A1),' =1\r\n"],
    [['\t=1', '\r=1'], `'\t=1,"'\r=1"\r\n`],
    [['＝1'], "'＝1\r\n"],
    [[-1, 2.5], '-1,2.5\r\n'],
  ])('writes %j', (cells, line) => {
    expect(csvLine(cells)).toBe(line);
  });

  it('is read back as what was written, and no cell of text begins a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (cells) => {
        const read = parse(csvLine(cells));
        expect(read.map((cell, i) => (cell === cells[i] ? cell : cell.replace(/^'/, '')))).toEqual(cells);
        for (const cell of read) expect(cell).not.toMatch(/^\s*[=+\-@]|^[\t\r\n]/);
      }),
    );
  });
});

/** One line, by the letter of RFC 4180. */
function parse(line: string): string[] {
  const cells: string[] = [];
  let rest = line.slice(0, -2);
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
    const taken = quoted ?? /^[^,]*/.exec(rest);
    const [all = '', inside] = taken ?? [];
    cells.push(quoted ? (inside ?? '').replaceAll('""', '"') : all);
    rest = rest.slice(all.length);
    if (rest === '') return cells;
    rest = rest.slice(1);
  }
}
