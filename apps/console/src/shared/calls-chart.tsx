import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { formatDay, formatNumber } from './format';

/** Calls by day, in parts that stand upon each other; said in words to whoever cannot see it. */
export function CallsChart<Day extends { day: string }>({
  label,
  days,
  series,
}: {
  label: string;
  days: Day[];
  series: { name: keyof Day & string; label: string; color: string }[];
}) {
  return (
    <div role="img" aria-label={label}>
      <BarChart
        h={260}
        data={days}
        dataKey="day"
        type="stacked"
        withLegend
        valueFormatter={formatNumber}
        xAxisProps={{
          tickFormatter: (value: string) => formatDay(value).replace(/, \d+$/, ''),
          minTickGap: 28,
        }}
        series={series}
      />
    </div>
  );
}
