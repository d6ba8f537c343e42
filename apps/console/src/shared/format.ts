const number = new Intl.NumberFormat('en-US');
const day = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium' });
const instant = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' });

export const formatNumber = (value: number) => number.format(value);
export const formatDay = (value: string) =>
  day.format(new Date(value.length === 10 ? `${value}T12:00` : value));
export const formatInstant = (value: string) => instant.format(new Date(value));
export const formatShare = (value: number | null) => (value === null ? '–' : `${Math.floor(value * 100)} %`);
export const plural = (count: number, one: string, many = `${one}s`) =>
  `${number.format(count)} ${count === 1 ? one : many}`;

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "3 days ago": nearest unit that is at least one. */
export function formatAgo(value: string, now = Date.now()): string {
  const seconds = (new Date(value).getTime() - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return 'just now';
}

/** The shared list's own words for kinds of records. */
export const KIND_NAMES: Readonly<Record<string, readonly [one: string, many: string]>> = {
  school: ['school', 'schools'],
  term: ['term', 'terms'],
  course: ['course', 'courses'],
  user: ['person', 'people'],
  section: ['section', 'sections'],
  resource: ['resource', 'resources'],
  student: ['student', 'students'],
  teacher: ['teacher', 'teachers'],
  staff: ['member of staff', 'staff'],
  contact: ['contact', 'contacts'],
  district_admin: ['district admin', 'district admins'],
};
export const kindName = (kind: string, count = 2) => KIND_NAMES[kind]?.[count === 1 ? 0 : 1] ?? kind;

/** `roles.student.frl_status` → `Student: frl status`. */
export function fieldName(path: string): string {
  const parts = path.split('.');
  const words = (text: string) => text.replaceAll('_', ' ');
  if (parts[0] === 'roles' && parts[1]) {
    const role = words(parts[1]);
    const rest = parts.slice(2).map(words).join(', ');
    return `${role[0]?.toUpperCase()}${role.slice(1)}${rest ? `: ${rest}` : ' (that they are one)'}`;
  }
  const name = parts.map(words).join(', ');
  return `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
}
