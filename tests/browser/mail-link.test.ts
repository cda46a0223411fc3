import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import { until } from '../system/until.ts';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { inspectPage } from './inspect-page.ts';
import { expectRed, hasFocus, renewIn, rowOf } from './page-parts.ts';
import { cameBackTo, giveAccess, leaveForProvider } from './provider-pages.ts';

const world = useBrowserWorld();

browserTest(
  'the mail leads over the sign-in to the source and its button, and once renewed says so',
  async () => {
    const context = await world.openContext();
    await world.withdrawInBrowser(context, 'Helpline Desk', 'ada@acme.example');
    const page = await context.newPage();
    await openMail(page, 'ada@acme.example');
    await page.frameLocator('iframe').getByRole('link', { name: 'Renew credentials' }).click();

    await page.getByRole('button', { name: 'Ada Lovett' }).click();
    await page.waitForURL(
      (url) => url.pathname === '/my-sources' && url.searchParams.has('source'),
    );
    const link = page.url();
    const row = rowOf(page, 'Support tickets');
    await expect.poll(() => hasFocus(renewIn(row)), { timeout: 15_000 }).toBe(true);
    await expectRed(renewIn(row));
    expect(await row.getAttribute('data-highlighted')).toBe('true');
    expect(await page.locator('[data-highlighted]').count()).toBe(1);
    await inspectPage(page, 'mail-link');

    await leaveForProvider(row, 'Helpline Desk');
    await giveAccess(page, 'ada@acme.example');
    await cameBackTo(page, '/my-sources');
    await row.getByText('Healthy').waitFor();

    await page.goto(link);
    const notice = page.getByRole('status').filter({ hasText: 'nothing to do' });
    await notice.getByText('Support tickets works.').waitFor();
    await notice.getByText('Ada Lovett renewed the credentials').waitFor();
    await inspectPage(page, 'mail-link-renewed');
    expect(await renewIn(page).count()).toBe(0);
  },
);

browserTest("somebody else's link shows nothing of the source", async () => {
  const context = await world.openContext();
  await world.withdrawInBrowser(context, 'Orchard Drive', 'max@acme.example');
  const page = await context.newPage();
  await openMail(page, 'max@acme.example');
  const link = page.frameLocator('iframe').getByRole('link', { name: 'Renew credentials' });
  const href = (await link.getAttribute('href')) ?? '';
  world.forgive(/^answer: 404 .*\/api\/v1\/sources\//);
  const path = new URL(href).pathname + new URL(href).search;
  const olga = await world.openAs('Olga Stein', path);
  await olga.getByText('This source no longer exists').waitFor();
  await olga.getByText('You are signed in as olga@').waitFor();
  expect(await olga.getByText('Contracts').count()).toBe(0);
  await inspectPage(olga, 'mail-link-other-account');

  // The way on, for somebody who has two accounts: over the sign-in straight to what waits.
  await olga.getByRole('button', { name: 'Use another account' }).click();
  await olga.getByRole('button', { name: 'Max Weber' }).click();
  await olga.waitForURL((url) => url.pathname + url.search === path);
  await expectRed(renewIn(rowOf(olga, 'Contracts')));
});

browserTest('the link of a mail to a source that is gone says so kindly', async () => {
  const ada = await world.openAs('Ada Lovett');
  const row = rowOf(ada, 'Design files');
  await world.withdrawInBrowser(ada.context(), 'Revolve Box', 'ada@acme.example');
  await renewIn(row).waitFor();
  await row.getByRole('link', { name: 'Design files' }).click();
  await ada.getByRole('heading', { name: 'Design files', level: 1 }).waitFor();
  const link = await mailedLink(new URL(ada.url()).pathname.split('/').at(-1) ?? '');
  await ada.getByRole('button', { name: 'Disconnect' }).click();
  await ada.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await ada.waitForURL((url) => url.pathname === '/my-sources');

  world.forgive(/^answer: 404 .*\/api\/v1\/sources\//);
  await ada.goto(link);
  const notice = ada.getByRole('status').filter({ hasText: 'This source no longer exists' });
  await notice.getByText('There is nothing to do.').waitFor();
  await inspectPage(ada, 'mail-link-gone');
});

browserTest('the page of a source that is gone says so kindly, and leads on', async () => {
  const max = await world.openAs('Max Weber');
  await rowOf(max, 'Contracts').getByRole('link', { name: 'Contracts' }).click();
  await max.getByRole('heading', { name: 'Contracts', level: 1 }).waitFor();
  const path = new URL(max.url()).pathname;

  // Of another account: nothing of the source, who one is, and the way to be somebody else.
  world.forgive(/^answer: 404 .*\/api\/v1\/sources\//);
  const olga = await world.openAs('Olga Stein', path);
  await olga.getByRole('heading', { name: 'This source no longer exists', level: 1 }).waitFor();
  await olga.getByText('You are signed in as olga@').waitFor();
  expect(await olga.getByText('Contracts').count()).toBe(0);
  await inspectPage(olga, 'source-gone-other-account');
  await olga.getByRole('button', { name: 'Use another account' }).click();
  await olga.getByRole('button', { name: 'Max Weber' }).click();
  await olga.getByRole('heading', { name: 'Contracts', level: 1 }).waitFor();
  expect(new URL(olga.url()).pathname).toBe(path);

  // Disconnected elsewhere while somebody looks at it.
  await olga.getByRole('button', { name: 'Disconnect' }).click();
  await olga.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await olga.waitForURL((url) => url.pathname === '/my-sources');
  await expect
    .poll(() => lookAgain(max).then(() => max.getByText('This source no longer exists').count()), {
      timeout: 30_000,
    })
    .toBe(1);
  await max.getByRole('heading', { name: 'Contracts', level: 1 }).waitFor();
  expect(await max.getByRole('button', { name: 'Use another account' }).count()).toBe(0);
  await inspectPage(max, 'source-gone-while-open');
  await max.getByRole('link', { name: 'Go to My sources' }).click();
  await max.getByRole('heading', { name: 'My sources', level: 1 }).waitFor();
});

/** As somebody who comes back to the window: what is no longer fresh is read anew. */
function lookAgain(page: Page): Promise<void> {
  return page.locator('html').dispatchEvent('visibilitychange');
}

/** The link to a source in the mail about it, once it has come. */
function mailedLink(sourceId: string): Promise<string> {
  const controls = createDemoControls(world.product.demoUrl);
  return until(async () => {
    const mails = await Promise.all((await controls.mails()).map(({ id }) => controls.mail(id)));
    const link = mails
      .flatMap(({ text }) => text.split(/\s/))
      .find((word) => word.endsWith(`source=${sourceId}`));
    if (link === undefined) throw new Error('the mail has not come yet');
    return link;
  });
}

/** The newest mail to somebody, in the demo world's mailbox. */
async function openMail(page: Page, to: string): Promise<void> {
  await page.goto(world.product.demoUrl);
  const mail = page.getByRole('listitem').filter({ hasText: to });
  await mail.getByRole('link', { name: 'Credentials expired in source' }).first().click();
  await page.getByRole('heading', { name: 'Credentials expired in source', level: 1 }).waitFor();
}
