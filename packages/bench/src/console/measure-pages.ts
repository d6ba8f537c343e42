import type { BrowserContext, Page } from 'playwright-core';
import { median } from '../figures.js';

/** What was measured, and how much. */
export type Line = [what: string, value: string];

const ROUNDS = 5;
const SCROLLS_MAX = 4000;
const SAMPLES = 10;

/** Counts frames and long tasks of a page from now on; text, for it runs in the page. */
const WATCH = `(() => {
  const seen = { frames: [], long: [], last: performance.now() };
  window.seen = seen;
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  const frame = (now) => { seen.frames.push(now - seen.last); seen.last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
})()`;

const ms = (value: number) => `${Math.round(value)} ms`;

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function smoothness(page: Page, what: string): Promise<Line[]> {
  const { frames, long } = await page.evaluate<{ frames: number[]; long: number[] }>('window.seen');
  const slow = frames.filter((each) => each > 50).length;
  return [
    [
      `${what}: frame, median, 95th and 99th percentile`,
      [0.5, 0.95, 0.99].map((each) => ms(percentile(frames, each))).join(', '),
    ],
    [`${what}: frames longer than 50 ms`, `${slow} of ${frames.length}`],
    [`${what}: long tasks (over 50 ms), the longest`, `${long.length}, ${ms(Math.max(0, ...long))}`],
  ];
}

/** Durations of the requests to a route, as the browser has them. */
function requestsTo(page: Page, route: string): Promise<number[]> {
  return page.evaluate(
    `performance.getEntriesByType('resource').filter(({ name }) => name.includes('${route}')).map(({ duration }) => duration)`,
  );
}

/** Staff's list of all districts: until it is there, scrolled from end to end, and searched. */
export async function measureDistricts(
  context: BrowserContext,
  admin: string,
  count: number,
): Promise<Line[]> {
  const firstRows: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await context.newPage();
    const begun = performance.now();
    await page.goto(`${admin}/districts`, { waitUntil: 'commit' });
    await page.locator('tbody tr').first().waitFor();
    firstRows.push(performance.now() - begun);
    await page.close();
  }
  const page = await context.newPage();
  await page.goto(`${admin}/districts`);
  await page.locator('tbody tr').first().waitFor();
  await page.evaluate('performance.setResourceTimingBufferSize(5000)');
  await page.evaluate(WATCH);
  const begun = performance.now();
  await page.mouse.move(700, 500);
  let [rows, drawn, scrolls] = [0, 0, 0];
  while (rows < count && scrolls < SCROLLS_MAX) {
    await page.mouse.wheel(0, 2500);
    scrolls += 1;
    rows = await page.evaluate(
      `Number(document.querySelector('table')?.getAttribute('aria-rowcount') ?? 101) - 1`,
    );
    drawn = Math.max(drawn, await page.evaluate(`document.querySelectorAll('tbody tr').length`));
  }
  const seconds = (performance.now() - begun) / 1000;
  const scrolled = await smoothness(page, 'scrolling through all');
  const pages = await requestsTo(page, '/v1/districts');
  await page.evaluate('scrollTo(0, 0)');
  const search = page.getByLabel('Search districts by name');
  const asked = performance.now();
  await search.fill(`Bench District ${count}`);
  await page.getByRole('link', { name: `Bench District ${count}` }).waitFor();
  const found = performance.now() - asked;
  await page.close();
  return [
    ['districts', String(count)],
    ['first row after the address is entered, median of 5', ms(median(firstRows))],
    [
      'page of 100 from the service, median and the slowest',
      `${ms(median(pages))}, ${ms(Math.max(...pages))}`,
    ],
    ['rows that were loaded, and in how many seconds', `${rows}, ${seconds.toFixed(1)} s`],
    ['rows in the document at most', String(drawn)],
    ...scrolled,
    ['one found by its name, with 250 ms of waiting for more letters', ms(found)],
  ];
}

/** A district's preview of a choice, on a roster of many: until it is counted, and paged through. */
export async function measurePreview(context: BrowserContext, url: string): Promise<Line[]> {
  const page = await context.newPage();
  const begun = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  const items = page
    .getByRole('region', { name: 'What the app would see' })
    .locator('.mantine-Accordion-item');
  await items.first().waitFor({ timeout: 120_000 });
  const there = performance.now() - begun;
  await page.evaluate(WATCH);
  for (let i = 0; i < SAMPLES; i += 1) {
    const shown = await items.count();
    await page.getByRole('button', { name: 'Show more' }).click();
    await items.nth(shown).waitFor({ timeout: 60_000 });
  }
  const requests = await requestsTo(page, '/v1/district/preview');
  const lines = await smoothness(page, 'preview, ten pages of the sample');
  await page.close();
  return [
    ['preview: first record of the sample after the address is entered', ms(there)],
    ['preview: an answer, median and the slowest', `${ms(median(requests))}, ${ms(Math.max(...requests))}`],
    ...lines,
  ];
}
