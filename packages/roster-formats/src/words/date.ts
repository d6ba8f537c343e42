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

function day(year: string, month: string, dayOfMonth: string, isExact: boolean): ReadDate | undefined {
  const date = `${year}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`;
  const time = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date) return undefined;
  return year >= '1900' && year < '2200' ? { date, isExact } : undefined;
}
