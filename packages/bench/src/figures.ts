/** One ratio, and what is wanted of it. */
export interface Figure {
  what: string;
  against: string;
  ratio: number;
  wanted?: { min: number } | { max: number };
  /** How the number is written where it is no plain ratio. */
  unit?: string;
  /** Why there is nothing to measure, in place of the number. */
  absent?: string;
}

/** A measured value that the ratios come from. */
export interface Measured {
  what: string;
  value: string;
}

export interface Report {
  figures: Figure[];
  medians: Measured[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1] ?? NaN, sorted[middle] ?? NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** The middle one of the ratios round by round, each of two neighbours in time. */
export function medianRatio(these: readonly number[], those: readonly number[]): number {
  return median(these.map((value, round) => value / (those[round] ?? NaN)));
}

export function printReport({ figures, medians }: Report): void {
  const head = ['what', 'against', 'ratio', 'wanted', 'met?'];
  console.log(`\n${table([head, ...figures.map(figureCells)])}\n`);
  console.log(
    `${table([['median of the rounds', 'value'], ...medians.map(({ what, value }) => [what, value])])}\n`,
  );
}

export function isMet({ ratio, wanted, absent }: Figure): boolean | undefined {
  if (!wanted || absent !== undefined) return undefined;
  return 'min' in wanted ? ratio >= wanted.min : ratio <= wanted.max;
}

function figureCells(figure: Figure): string[] {
  const { what, against, ratio, wanted, unit = '', absent } = figure;
  const bound = !wanted ? '' : 'min' in wanted ? `≥ ${wanted.min}${unit}` : `≤ ${wanted.max}${unit}`;
  const met = isMet(figure);
  return [
    what,
    against,
    absent ?? `${digits(ratio)}${unit}`,
    bound,
    met === undefined ? '' : met ? 'yes' : 'no',
  ];
}

export function digits(value: number): string {
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(2);
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.slice(1).map(line)].join('\n');
}
