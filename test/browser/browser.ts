/** A real headless Chromium for tests, and pages that remember everything that went wrong in them. */
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../toolchain/chromium.ts';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The browser's own note of a request that failed or was answered with an error. */
const FAILED_LOAD = /^Failed to load resource/;

export interface OpenedPage {
  readonly page: Page;
  /** Errors of the console, uncaught exceptions, CSP violations, requests to other hosts than the page's own. */
  problems(options?: { /** True where the test makes requests fail. */ exceptFailedLoads?: boolean }): string[];
  /** Addresses of all requests so far. */
  requests(): string[];
  close(): Promise<void>;
}

export interface TestBrowser {
  /** Opens an address in a context of its own: no cookies, no cache, 1024 × 768 in light mode unless told. `prepare` runs before it loads. */
  open(url: string, options?: BrowserContextOptions, prepare?: (page: Page) => Promise<void>): Promise<OpenedPage>;
  close(): Promise<void>;
}

/** @throws Error when there is no Chromium */
export async function launchBrowser(): Promise<TestBrowser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('no Chromium found; CHROMIUM=PATH names one');
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  return {
    async open(url, options = {}, prepare) {
      const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, colorScheme: 'light', ...options });
      const page = await context.newPage();
      const watched = watch(page, new URL(url).host);
      await prepare?.(page);
      await page.goto(url);
      return { page, ...watched, close: () => context.close() };
    },
    close: () => browser.close(),
  };
}

/** The rows of a table of a section, each as the texts of its cells. */
export function rowsOf(page: Page, table: string): Promise<string[][]> {
  const script = `[...document.querySelectorAll('#${table} tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText.replaceAll('\\u00a0', ' ').trim()))`;
  return page.evaluate(script);
}

function watch(page: Page, host: string): Pick<OpenedPage, 'problems' | 'requests'> {
  const problems: { readonly kind: 'failed load' | 'other'; readonly text: string }[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const kind = FAILED_LOAD.test(message.text()) ? 'failed load' : 'other';
    problems.push({ kind, text: `console ${message.type()}: ${message.text()} (${message.location().url})` });
  });
  page.on('pageerror', (error) => problems.push({ kind: 'other', text: `uncaught: ${error.stack ?? error.message}` }));
  page.on('request', (request) => {
    requests.push(request.url());
    const { protocol, host: asked } = new URL(request.url());
    if (protocol !== 'data:' && asked !== host) problems.push({ kind: 'other', text: `request to another host: ${request.url()}` });
  });
  return {
    problems: ({ exceptFailedLoads = false } = {}) =>
      problems.filter(({ kind }) => !(exceptFailedLoads && kind === 'failed load')).map(({ text }) => text),
    requests: () => [...requests],
  };
}
