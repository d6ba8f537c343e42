import type { PersonName } from '@hallpass/domain';

/** A name written in one cell: "First Last" or "Last, First". Of several words the last one is the family name. */
export function readPersonName(text: string): PersonName {
  const [family, given] = text.split(',', 2).map((part) => part.trim());
  if (family && given) return { first: given, last: family };
  const words = text.replace(/,/g, ' ').trim().split(/\s+/);
  const last = words.pop();
  if (!last) return {};
  return words.length === 0 ? { first: last } : { first: words.join(' '), last };
}
