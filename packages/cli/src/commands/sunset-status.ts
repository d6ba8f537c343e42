import { cell, table } from '../text.js';
import type { Migration, SunsetPlan } from '../wire.js';

const DAY_MS = 86_400_000;
const LINE = 60;
const BAR = 12;
const ORDER = ['not-started', 'moving', 'idle', 'ready', 'done'];

/** The plan on a line of time, and each app's way along it, those that have the furthest to go first. */
export function drawStatus(plan: SunsetPlan, apps: readonly Migration[], now: Date): string {
  return [drawLine(plan, now), '', summary(apps), '', ...drawApps(apps)].join('\n');
}

/** What happens when; months of no change are no longer than the rest. */
function drawLine({ announcedAt, steps, brownouts, refusedAt }: SunsetPlan, now: Date): string {
  const marks = [
    ...(announcedAt ? [{ at: Date.parse(announcedAt), sign: 'A', what: 'announced' }] : []),
    ...steps.map(({ from, requestsPerMinute, mode }) => ({
      at: Date.parse(from),
      sign: mode === 'shadow' ? 's' : 'S',
      what: `${mode === 'shadow' ? 'tried at' : 'slowed to'} ${requestsPerMinute} a minute`,
    })),
    ...brownouts.map(({ from, until }) => ({
      at: Date.parse(from),
      sign: 'B',
      what: `brownout of ${hours(Date.parse(until) - Date.parse(from))}`,
    })),
    ...(refusedAt ? [{ at: Date.parse(refusedAt), sign: 'X', what: 'refused' }] : []),
  ].sort((a, b) => a.at - b.at);
  if (marks.length === 0) return 'There is no plan: API keys work without an end.';
  const all = [...marks.map(({ at }) => at), now.getTime()];
  const first = Math.min(...all);
  const span = Math.max(...all) - first || 1;
  const column = (at: number) => Math.round(((at - first) / span) * (LINE - 1));
  const line: string[] = Array.from({ length: LINE }, (_, i) => (i < column(now.getTime()) ? '=' : '-'));
  for (const { at, sign } of marks) line[column(at)] = sign;
  const pointer = `${' '.repeat(column(now.getTime()))}^ now`;
  const legend = marks.map(({ at, sign, what }) => {
    const days = Math.round((at - now.getTime()) / DAY_MS);
    const when = days === 0 ? 'today' : days > 0 ? `in ${days} days` : `${-days} days ago`;
    return [sign, new Date(at).toISOString().slice(0, 16).replace('T', ' '), what, when];
  });
  return [line.join(''), pointer, '', table(['', 'UTC', 'API KEYS ARE', ''], legend)].join('\n');
}

function hours(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

function summary(apps: readonly Migration[]): string {
  if (apps.length === 0) return 'No app has or had an API key.';
  const counts = ORDER.map((readiness) => [
    readiness,
    apps.filter((app) => app.readiness === readiness).length,
  ]);
  const calls = (of: (app: Migration) => number) => apps.reduce((sum, app) => sum + of(app), 0);
  const [key, token] = [calls((app) => app.keyCalls), calls((app) => app.tokenCalls)];
  const share =
    key + token === 0 ? 'no calls' : `${Math.round((100 * token) / (key + token))} % of calls by token`;
  return `${apps.length} ${apps.length === 1 ? 'app' : 'apps'}: ${counts
    .filter(([, count]) => count !== 0)
    .map(([readiness, count]) => `${count} ${readiness}`)
    .join(', ')}; ${share} in the last 7 days.`;
}

function drawApps(apps: readonly Migration[]): string[] {
  if (apps.length === 0) return [];
  const sorted = apps.toSorted(
    (a, b) =>
      ORDER.indexOf(a.readiness) - ORDER.indexOf(b.readiness) ||
      (a.daysLeft ?? Infinity) - (b.daysLeft ?? Infinity) ||
      b.keyCalls - a.keyCalls,
  );
  const rows = sorted.map((app) => [
    app.appName,
    app.readiness,
    app.stage.requestsPerMinute ? `${app.stage.stage} ${app.stage.requestsPerMinute}/min` : app.stage.stage,
    bar(app.shareMoved),
    `${app.districtsOnTokens} of ${app.districts}`,
    app.keyCalls,
    app.keyUsedAt?.slice(0, 10),
    app.daysLeft,
  ]);
  const header = ['APP', 'READINESS', 'STAGE', 'MOVED', 'DISTRICTS', 'KEY CALLS', 'KEY USED', 'DAYS LEFT'];
  const next = sorted.find(({ readiness }) => readiness !== 'done');
  return [table(header, rows), ...(next ? ['', `Next, ${cell(next.appName)}: ${next.nextStep}`] : [])];
}

function bar(share: number | null): string {
  if (share === null) return `${' '.repeat(BAR)}    -`;
  const full = Math.round(share * BAR);
  return `${'#'.repeat(full)}${'.'.repeat(BAR - full)} ${String(Math.round(share * 100)).padStart(3)}%`;
}
