import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe } from '@jest/globals';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Where CI runs, a suite that finds no browser is an error and not skipped. */
const isThere = existsSync(CHROMIUM);
if (!isThere && !process.env['CI']) process.stdout.write(`No ${CHROMIUM}: no page is tried.\n`);
export const describeWithBrowser: typeof describe.skip =
  isThere || process.env['CI'] ? describe : describe.skip;

export const ABSENT_PAGE = 'This page does not exist';

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') });
}

/** A page, and what it complained of in the console. */
export interface Opened {
  page: Page;
  complaints: string[];
}

/** Opens a page and waits until it has said all that it has to say. */
export async function open(context: BrowserContext, url: string): Promise<Opened> {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (/Content Security Policy|Warning:|Error:/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(url);
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  return { page, complaints };
}

let axe: Promise<string> | undefined;

/** Each violation of accessibility, with the element it is of. */
export async function violations(page: Page): Promise<string[]> {
  axe ??= readFile(AXE, 'utf8');
  await page.evaluate(await axe);
  return page.evaluate(async () => {
    type Axe = { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    const found = await (globalThis as unknown as { axe: Axe }).axe.run();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** Waits until the page is drawn, and what moves or changes its colour has come to its end. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(`new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
    .then(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))`);
}

/** What a page has wrong in its look: violations, and that it is wider than the screen; in light and dark, on a wide screen and on a phone. */
export async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  await settled(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
    await settled(page);
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      faults.push(...(await violations(page)).map((each) => `${colorScheme}, ${width}: ${each}`));
      if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
        faults.push(`wider than ${width}`);
    }
  }
  return faults;
}
