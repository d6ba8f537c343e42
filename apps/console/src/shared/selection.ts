import { partner as t } from '../strings';

/** What a sharing rule selects, in a few words. */
export function selectionName(selection: unknown): string {
  const given = selection as { type?: string; schoolIds?: string[]; sectionIds?: string[] };
  if (given.type === 'schools') return t.schools(given.schoolIds?.length ?? 0);
  if (given.type === 'sections') return t.sections(given.sectionIds?.length ?? 0);
  return given.type === 'rules' ? t.rules : t.everything;
}
