import { Box, Group, SimpleGrid, Text, VisuallyHidden } from '@mantine/core';
import { formatNumber } from '../shared/format';
import { calendar as t } from '../strings';
import './calendar.css';

/** The dates of a plan, for all apps or for one. */
interface Dates {
  announcedAt: string | null;
  steps: readonly { from: string; requestsPerMinute: number; mode: string }[];
  brownouts: readonly { from: string; until: string }[];
  refusedAt: string | null;
}

type Stage = 'open' | 'announced' | 'slowed' | 'brownout' | 'refused';
const STAGES: readonly Stage[] = ['open', 'announced', 'slowed', 'brownout', 'refused'];
const MONTHS_MAX = 24;

const monthName = new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric' });
const dayName = new Intl.DateTimeFormat('en-US', { dateStyle: 'long' });
const weekdays = Array.from({ length: 7 }, (_, i) =>
  new Intl.DateTimeFormat('en-US', { weekday: 'narrow' }).format(new Date(2026, 1, 1 + i)),
);

/** The strictest that a day sees; until an extension's end the plan stands still at its notice. */
function stageOfDay(
  plan: Dates,
  extendedUntil: string | undefined,
  begin: Date,
): { stage: Stage; perMinute?: number } {
  const end = new Date(begin.getFullYear(), begin.getMonth(), begin.getDate() + 1);
  const isBy = (at: string | null) => at !== null && new Date(at) < end;
  const isExtended = extendedUntil !== undefined && end <= new Date(extendedUntil);
  const steps = plan.steps.filter(({ from, mode }) => mode === 'enforce' && isBy(from));
  if (!isExtended) {
    if (isBy(plan.refusedAt)) return { stage: 'refused' };
    if (plan.brownouts.some(({ from, until }) => isBy(from) && new Date(until) > begin))
      return { stage: 'brownout' };
    const last = steps.toSorted((a, b) => a.from.localeCompare(b.from)).at(-1);
    if (last) return { stage: 'slowed', perMinute: last.requestsPerMinute };
  }
  const hasBegun = isBy(plan.announcedAt) || isBy(plan.refusedAt) || steps.length > 0;
  return { stage: hasBegun ? 'announced' : 'open' };
}

/** The first of each month from the plan's first date, or today's, to the month after its last. */
function monthsOf(plan: Dates, extendedUntil: string | undefined, now: Date): Date[] {
  const ats = [
    plan.announcedAt,
    plan.refusedAt,
    extendedUntil ?? null,
    ...plan.steps.map(({ from }) => from),
    ...plan.brownouts.flatMap(({ from, until }) => [from, until]),
  ].flatMap((at) => (at === null ? [] : [new Date(at).getTime()]));
  const first = new Date(Math.max(Math.min(now.getTime(), ...ats), now.getTime() - 366 * 86_400_000));
  const last = new Date(Math.max(now.getTime(), ...ats));
  const count = (last.getFullYear() - first.getFullYear()) * 12 + last.getMonth() - first.getMonth() + 1;
  return Array.from(
    { length: Math.min(MONTHS_MAX, Math.max(3, count)) },
    (_, i) => new Date(first.getFullYear(), first.getMonth() + i, 1),
  );
}

/** The plan month by month, a colour and a letter for each stage, today marked. */
export function SunsetCalendar({ plan, extendedUntil }: { plan: Dates; extendedUntil?: string | undefined }) {
  const now = new Date();
  return (
    <>
      <Group gap="md" mb="md" component="ul" className="calendar-legend" aria-label={t.legend}>
        {STAGES.map((stage) => (
          <Group key={stage} component="li" gap={6}>
            <Box className={`calendar-day ${stage}`} aria-hidden>
              {t.letters[stage]}
            </Box>
            <Text size="sm">{t.stages[stage]}</Text>
          </Group>
        ))}
        <Group component="li" gap={6}>
          <Box className="calendar-day today" aria-hidden />
          <Text size="sm">{t.today}</Text>
        </Group>
      </Group>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }}>
        {monthsOf(plan, extendedUntil, now).map((month) => (
          <Month key={month.getTime()} month={month} now={now} plan={plan} extendedUntil={extendedUntil} />
        ))}
      </SimpleGrid>
    </>
  );
}

function Month({
  month,
  now,
  plan,
  extendedUntil,
}: {
  month: Date;
  now: Date;
  plan: Dates;
  extendedUntil: string | undefined;
}) {
  const days = new Date(month.getFullYear(), month.getMonth() + 1, 0).getDate();
  const cells = [
    ...Array.from({ length: month.getDay() }, () => undefined),
    ...Array.from({ length: days }, (_, i) => new Date(month.getFullYear(), month.getMonth(), i + 1)),
  ];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, i) => cells.slice(i * 7, i * 7 + 7));
  return (
    <table className="calendar-month">
      <caption>{monthName.format(month)}</caption>
      <thead>
        <tr>
          {weekdays.map((name, i) => (
            <th key={i} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week, i) => (
          <tr key={i}>
            {week.map((day, at) => (
              <td key={at}>{day && <Day day={day} now={now} plan={plan} extendedUntil={extendedUntil} />}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Day({
  day,
  now,
  plan,
  extendedUntil,
}: {
  day: Date;
  now: Date;
  plan: Dates;
  extendedUntil: string | undefined;
}) {
  const { stage, perMinute } = stageOfDay(plan, extendedUntil, day);
  const isToday = day.toDateString() === now.toDateString();
  const rate = perMinute === undefined ? '' : `, ${t.perMinute(formatNumber(perMinute))}`;
  const said = `${t.stages[stage]}${rate}`;
  return (
    <Box
      className={`calendar-day ${stage} ${isToday ? 'today' : ''}`}
      title={`${dayName.format(day)}: ${said}`}
      {...(isToday ? { 'aria-current': 'date' as const } : {})}
    >
      {day.getDate()}
      {stage !== 'open' && <VisuallyHidden>{`, ${said}`}</VisuallyHidden>}
    </Box>
  );
}
