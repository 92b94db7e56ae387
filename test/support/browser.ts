/** Opens pages in Chromium, and keeps what must not happen there. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of a Chromium: the environment variable CHROMIUM, or where Debian puts it; undefined if there is none. */
const CHROMIUM = [process.env.CHROMIUM, ...PLACES].find((path) => path !== undefined && existsSync(path));

/** Why tests in a browser are skipped; false where they run. */
export const withoutBrowser: string | false =
  CHROMIUM === undefined &&
  `expected Chromium in the path CHROMIUM or in ${PLACES.join(', ')}, got none: apt-get install chromium`;

/** A page that is open. */
interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, and requests of anything but the file. */
  readonly complaints: string[];
}

/** Opens files in a browser that is closed at the end. */
export async function inBrowser(use: (open: Open) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
  try {
    await use((path, settings) => openPage(browser, path, settings));
  } finally {
    await browser.close();
  }
}

type Open = (path: string, settings?: OpenSettings) => Promise<OpenPage>;

interface OpenSettings {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  /** What there is when the page is complete. Default: its last section. */
  readonly waitFor?: string;
}

async function openPage(browser: Browser, path: string, settings: OpenSettings = {}): Promise<OpenPage> {
  const { theme = 'light', width = 1280, waitFor = 'section:last-of-type' } = settings;
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: theme });
  const complaints: string[] = [];
  const url = pathToFileURL(path).href;
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url && !/^(blob|data):/.test(request.url()))
      complaints.push(`request of ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector(waitFor, { state: 'attached' });
  return { page, complaints };
}
