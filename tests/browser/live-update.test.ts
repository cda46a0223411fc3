import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { inspectPage } from './inspect-page.ts';
import { documentBegan, hasFocus, renewIn, rowOf } from './page-parts.ts';
import { cameBackTo, giveAccess, leaveForProvider } from './provider-pages.ts';

const world = useBrowserWorld();

browserTest(
  'a page shows death and healing by itself and leaves focus and scroll alone',
  async () => {
    // Low enough that the list has to be scrolled.
    const page = await world.openAs('Ada Lovett', '/my-sources', {
      viewport: { width: 1280, height: 380 },
    });
    const row = rowOf(page, 'Quarterly reports');
    await row.getByText('Healthy').waitFor();
    const began = await documentBegan(page);
    const elsewhere = page.getByRole('link', { name: 'Support tickets' });
    await elsewhere.focus();
    await page.mouse.wheel(0, 60);
    await expect.poll(() => scrolledBy(page)).toBe(60);

    await withdraw('orchard');
    await renewIn(row).waitFor();
    await page.getByText('4 sources, 1 needs renewal').waitFor();
    expect(await hasFocus(elsewhere)).toBe(true);
    expect(await scrolledBy(page)).toBe(60);

    await renewInAnotherWindow('Quarterly reports', 'Orchard Drive');
    await row.getByText('Healthy').waitFor();
    await renewIn(row).waitFor({ state: 'detached' });
    expect(await hasFocus(elsewhere)).toBe(true);
    expect(await scrolledBy(page)).toBe(60);
    expect(await documentBegan(page)).toBe(began);
  },
);

browserTest(
  'a dialog that somebody types in stays as it is while the page behind it changes',
  async () => {
    const page = await world.openAs('Ada Lovett');
    await rowOf(page, 'Design files').getByText('Healthy').waitFor();
    await page.getByRole('button', { name: 'Add new source' }).click();
    const name = page.getByRole('dialog').getByLabel('Name', { exact: true });
    await name.fill('Half a na');
    await withdraw('revolve');
    await page
      .locator('tr')
      .filter({ hasText: 'Design files' })
      .getByText('Needs renewal')
      .waitFor();
    expect(await hasFocus(name)).toBe(true);
    await page.keyboard.type('me');
    expect(await name.inputValue()).toBe('Half a name');
  },
);

browserTest(
  'a focused button that healing removes hands the focus to the name in its row',
  async () => {
    const page = await world.openAs('Ada Lovett');
    const row = rowOf(page, 'Support tickets');
    await withdraw('helpline');
    await renewIn(row).focus();
    await renewInAnotherWindow('Support tickets', 'Helpline Desk');
    await renewIn(row).waitFor({ state: 'detached' });
    expect(await hasFocus(row.getByRole('link', { name: 'Support tickets' }))).toBe(true);
  },
);

browserTest('a page says that the server is gone, keeps what it knew, and catches up', async () => {
  const page = await world.openAs('Max Weber');
  const row = rowOf(page, 'Contracts');
  await row.getByText('Healthy').waitFor();
  const began = await documentBegan(page);
  world.forgive(/^request: net::ERR_(CONNECTION|INCOMPLETE|NETWORK|EMPTY)/);
  // As a gateway on its way out answers; the page then asks who it is for, and is not told.
  world.forgive(/^answer: 503 .*\/api\/v1\//);
  await page.route('**/api/v1/events', (route) => route.fulfill({ status: 503 }));
  let askedInVain = 0;
  const countMe = (url: string, isVain: boolean) => {
    if (isVain && url.endsWith('/api/v1/me')) askedInVain += 1;
  };
  page.on('requestfailed', (request) => countMe(request.url(), true));
  page.on('response', (response) => countMe(response.url(), response.status() === 503));
  await world.product.end();
  const note = page.getByRole('status').filter({ hasText: 'Offline, showing what we last knew' });
  await note.waitFor();
  await expect.poll(() => askedInVain, { timeout: 15_000 }).toBeGreaterThanOrEqual(3);
  await inspectPage(page, 'offline');
  await row.getByText('Healthy').waitFor();

  await page.unroute('**/api/v1/events');
  await world.product.restart();
  await note.waitFor({ state: 'detached' });
  await createDemoControls(world.product.demoUrl).withdraw('orchard', 'max@acme.example');
  await renewIn(row).waitFor();
  expect(await documentBegan(page)).toBe(began);
});

function withdraw(provider: string) {
  return createDemoControls(world.product.demoUrl).withdraw(provider, 'ada@acme.example');
}

async function renewInAnotherWindow(source: string, provider: string): Promise<void> {
  const other = await world.openAs('Ada Lovett');
  await leaveForProvider(rowOf(other, source), provider);
  await giveAccess(other, 'ada@acme.example');
  await cameBackTo(other, '/my-sources');
}

function scrolledBy(page: Page): Promise<number> {
  return page.locator('html').evaluate((node) => node.scrollTop);
}
