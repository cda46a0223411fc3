import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Product, productTest, startProduct } from '../system/product.ts';
import { findChromium, noBrowserMessage, openBrowser } from './open-browser.ts';

const chromium = await findChromium();
if (chromium === undefined) process.stderr.write(`${noBrowserMessage}\n`);

/** A test that needs a browser; skipped, and shown as such, where there is none. */
export const browserTest = chromium === undefined ? productTest.skip : productTest;

export type PersonaName = 'Ada Lovett' | 'Max Weber' | 'Alma Ruiz' | 'Olga Stein';

export type BrowserWorld = {
  readonly product: Product;
  readonly browser: Browser;
  /** A fresh browser window for somebody, signed in by clicking, on a page of the product. */
  openAs(persona: PersonaName, path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** A fresh window of nobody in particular. */
  openContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Ends somebody's grants with the control page's own button, in a tab of its own. */
  withdrawInBrowser(context: BrowserContext, provider: string, account: string): Promise<void>;
  /** Complaints of this test that are meant to be. */
  forgive(complaint: RegExp): void;
};

/** How long a page may take to show what happened elsewhere. */
const patienceMs = 15_000;

/**
 * One product and one browser for the tests of a file. After every test its windows are closed, and it fails if a page wrote
 * an error to the console (the content security policy does that too) or a request failed.
 */
export function useBrowserWorld(env: Record<string, string> = {}): BrowserWorld {
  let product: Product | undefined;
  let browser: Browser | undefined;
  let complaints: string[] = [];
  let forgiven: RegExp[] = [];

  beforeAll(async () => {
    if (chromium === undefined) return;
    [product, browser] = await Promise.all([
      startProduct({ WORKER_INTERVAL_MS: '200', SWEEP_INTERVAL_MS: '200', ...env }),
      openBrowser(chromium),
    ]);
    await product.demoSourcesMade();
  });
  afterEach(async () => {
    const heard = complaints.filter((one) => !forgiven.some((pattern) => pattern.test(one)));
    complaints = [];
    forgiven = [];
    await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
    expect(heard).toEqual([]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), product?.dispose()]);
  });

  const world: BrowserWorld = {
    get product() {
      return present(product);
    },
    get browser() {
      return present(browser);
    },
    async openContext(options) {
      const context = await world.browser.newContext({
        locale: 'en-GB',
        // Nobody watches the dialogs slide in.
        reducedMotion: 'reduce',
        ...options,
      });
      context.setDefaultTimeout(patienceMs);
      collectComplaints(context, (complaint) => complaints.push(complaint));
      return context;
    },
    async openAs(persona, path = '/my-sources', options = {}) {
      const context = await world.openContext(options);
      const page = await context.newPage();
      await page.goto(`${world.product.gatewayUrl}${path}`);
      await page.getByRole('button', { name: persona }).click();
      await page.waitForURL((url) => url.pathname === path.split('?')[0]);
      return page;
    },
    async withdrawInBrowser(context, provider, account) {
      const control = await context.newPage();
      await control.goto(world.product.demoUrl);
      const name = `Withdraw the grant of ${account} at ${provider}`;
      const buttons = control.getByRole('button', { name });
      await buttons.first().waitFor();
      // A narrower consent or another account leaves an older grant alive.
      for (let left = (await buttons.count()) - 1; left >= 0; left -= 1) {
        await buttons.first().click();
        await expect.poll(() => buttons.count()).toBe(left);
      }
      await control.close();
    },
    forgive(complaint) {
      forgiven.push(complaint);
    },
  };
  return world;
}

/** Errors of scripts and of the console, failed requests, and answers that say that something is wrong. */
function collectComplaints(context: BrowserContext, complain: (complaint: string) => void): void {
  context.on('weberror', (error) => complain(`script: ${error.error().message}`));
  context.on('console', (message) => {
    // A failed request is told below, with its address.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complain(`console: ${message.text()}`);
  });
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // Leaving a page ends its requests; nothing failed.
    if (reason !== 'net::ERR_ABORTED') complain(`request: ${reason} ${request.url()}`);
  });
  context.on('response', (response) => {
    // 401 is how a page learns that it has to send somebody to the sign-in.
    if (response.status() >= 400 && response.status() !== 401)
      complain(`answer: ${response.status()} ${response.url()}`);
  });
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the browser world is not there before its tests run');
  return value;
}
