export interface ReadDate {
  /** YYYY-MM-DD. */
  date: string;
  /** False when it was not written so. */
  isExact: boolean;
}

/**
 * Reads a day. Besides ISO dates: ISO instants, 20260815, and the American 8/15/2026, whose day and month are taken the
 * other way round only when that is the one way they make a date. Undefined for what is no day of 1900 to 2199.
 */
export function readDate(text: string): ReadDate | undefined {
  const iso = /^(\d{4})-(\d\d)-(\d\d)(T[\d:.,+Z-]*)?$/.exec(text);
  if (iso) return day(iso[1]!, iso[2]!, iso[3]!, iso[4] === undefined);
  const packed = /^(\d{4})(\d\d)(\d\d)$/.exec(text);
  if (packed) return day(packed[1]!, packed[2]!, packed[3]!, false);
  const american = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text);
  if (!american) return undefined;
  const [, first, second, year] = american as unknown as [string, string, string, string];
  return day(year, first, second, false) ?? day(year, second, first, false);
}

/** The American 8/15/2026, month first, where that is how a format writes its days. */
export function readMonthFirst(text: string): string | undefined {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  return match ? day(match[3]!, match[1]!, match[2]!, true)?.date : undefined;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function day(year: string, month: string, dayOfMonth: string, isExact: boolean): ReadDate | undefined {
  const [y, m, d] = [Number(year), Number(month), Number(dayOfMonth)];
  const isLeap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const days = m === 2 && isLeap ? 29 : (DAYS[m - 1] ?? 0);
  if (y < 1900 || y > 2199 || d < 1 || d > days) return undefined;
  return { date: `${year}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`, isExact };
}
