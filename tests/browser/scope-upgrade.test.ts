import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { makeCatalogueOverlay, oneScopeMore } from '../system/catalogue-overlay.ts';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { inspectPage } from './inspect-page.ts';
import {
  backgroundOf,
  expandEnterpriseSources,
  openAuthorizedConnections,
  openWorkspace,
  renewIn,
  rowOf,
} from './page-parts.ts';
import { cameBackTo, chooseAccount, continueTo, giveAccess } from './provider-pages.ts';

const account = 'ada@acme.example';
const overlay = makeCatalogueOverlay();
const world = useBrowserWorld({ CATALOGUE_DIRECTORY: overlay.path });

/** The demo sources were granted under the catalogue of before. */
beforeAll(async () => {
  overlay.write(oneScopeMore);
  await world.product.end();
  await world.product.restart();
});
afterAll(() => overlay.dispose());

const grantIn = (place: Page | Locator) => place.getByRole('button', { name: 'Grant access' });

async function expectAsked(row: Locator): Promise<void> {
  await row.getByText('Healthy').waitFor();
  await row.getByText('More access needed').waitFor();
  expect(await renewIn(row).count()).toBe(0);
}

/** What a person sees: red is for what has died. */
async function expectNotRed(button: Locator): Promise<void> {
  const [red = 255, green = 0, blue = 0] = await backgroundOf(button);
  expect({ red, green, blue, isRed: red > 150 && green < 90 && blue < 90 }).toMatchObject({
    isRed: false,
  });
}

browserTest(
  'a source that needs more access stays healthy, says so wherever it is shown, and is granted it, not in red',
  async () => {
    const page = await world.openAs('Ada Lovett');
    const row = rowOf(page, 'Quarterly reports');
    await expectAsked(row);
    await expectNotRed(grantIn(row));
    await page.getByText('4 sources, none needs renewal, 2 need more access').waitFor();
    await inspectPage(page, 'more-access-my-sources');

    // Who follows an old mail is not told that there is nothing to do.
    const { pathname } = new URL(
      (await row.getByRole('link').first().getAttribute('href')) ?? '',
      page.url(),
    );
    await page.goto(`${world.product.gatewayUrl}/my-sources?source=${pathname.split('/').at(-1)}`);
    await page.getByText('It can be given more access below').waitFor();
    expect(await page.getByText('nothing to do').count()).toBe(0);

    await row.getByRole('link', { name: 'Quarterly reports' }).click();
    await page.getByText('Syncing goes on with those').waitFor();
    await page.getByText('files.comment', { exact: true }).waitFor();
    await inspectPage(page, 'more-access-source');

    await grantIn(page).click();
    const dialog = page.getByRole('dialog', { name: 'Grant access' });
    await dialog.getByText('files.comment').waitFor();
    await dialog.getByText('Quarterly reports').waitFor();
    await inspectPage(page, 'more-access-before-leaving');
    await continueTo(page, 'Orchard Drive');
    await chooseAccount(page, account);
    // The consent asks for the full set.
    for (const scope of ['Comment on your files', 'Read your files', 'See the names of your files'])
      await page.getByLabel(scope).waitFor();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(
      (url) => /^\/sources\//.test(url.pathname) && url.searchParams.has('authorization'),
    );
    await page.getByRole('status').filter({ hasText: 'Access granted' }).waitFor();
    await page.getByText('Access works. There is nothing to do.').waitFor();
    expect(await grantIn(page).count()).toBe(0);
    expect(await page.getByText('More access needed').count()).toBe(0);
    await inspectPage(page, 'more-access-granted');
  },
);

browserTest(
  'cancelled or granted in part: the page says that syncing goes on, and the ask stays',
  async () => {
    const page = await world.openAs('Max Weber');
    const row = rowOf(page, 'Contracts');
    await expectAsked(row);
    await grantIn(row).click();
    await continueTo(page, 'Orchard Drive');
    await chooseAccount(page, 'max@acme.example');
    await page.getByRole('button', { name: 'Deny' }).click();
    await cameBackTo(page, '/my-sources');
    const cancelled = page.getByRole('status').filter({ hasText: 'Cancelled' });
    await cancelled.getByText('Syncing goes on').waitFor();
    await expectAsked(row);

    await cancelled.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('dialog', { name: 'Grant access' }).waitFor();
    await continueTo(page, 'Orchard Drive');
    await chooseAccount(page, 'max@acme.example');
    await page.getByLabel('Comment on your files').uncheck();
    await page.getByRole('button', { name: 'Allow' }).click();
    await cameBackTo(page, '/my-sources');
    const partly = page.getByRole('alert').filter({ hasText: 'Some permissions are missing' });
    await partly.getByText('nothing was changed. Syncing goes on').waitFor();
    expect(await partly.getByRole('listitem').allInnerTexts()).toEqual(['files.comment']);
    await expectAsked(row);
    await inspectPage(page, 'more-access-granted-in-part');

    await openWorkspace(page);
    await expectAsked(row);
    await grantIn(row).waitFor();
    await inspectPage(page, 'more-access-workspace');
  },
);

browserTest('who may not renew sees who can grant it, and no button', async () => {
  const page = await world.openAs('Ada Lovett');
  const chat = rowOf(page, 'Company chat');
  await expectAsked(chat);
  await chat.getByText('Alma Ruiz can grant it').waitFor();
  expect(await grantIn(chat).count()).toBe(0);
  await openWorkspace(page);
  const contracts = rowOf(page, 'Contracts');
  await expectAsked(contracts);
  await contracts.getByText('Max Weber can grant it').waitFor();
  expect(await grantIn(page).count()).toBe(0);
  await contracts.getByRole('link', { name: 'Contracts' }).click();
  await page.getByText('Max Weber can grant it.').waitFor();
  expect(await grantIn(page).count()).toBe(0);
});

browserTest('a connection is granted more access once for all that it backs', async () => {
  const page = await world.openAs('Alma Ruiz');
  const backed = rowOf(page, 'Board chat');
  await expectAsked(backed);
  await backed.getByText('You can grant it under').waitFor();
  await openAuthorizedConnections(page);
  // Said before the list is expanded, so that nobody has to look for it.
  await page.getByText('1 admin credential, 1 needs more access').waitFor();
  await expandEnterpriseSources(page);
  const row = rowOf(page, 'Acme Chatter');
  await expectAsked(row);
  await expectNotRed(grantIn(row));
  await inspectPage(page, 'more-access-authorized-connections');
  await grantIn(row).click();
  await page.getByRole('dialog').getByText('members:read').waitFor();
  await continueTo(page, 'Chatter Enterprise');
  await giveAccess(page, 'Acme');
  await cameBackTo(page, '/authorized-connections');
  const outcome = page.getByRole('status').filter({ hasText: 'Access granted' });
  for (const name of ['Acme Chatter', 'Board chat', 'Company chat'])
    await outcome.getByText(name).waitFor();
  await row.getByText('Healthy').waitFor();
  expect(await row.getByText('More access needed').count()).toBe(0);
  await page.getByRole('link', { name: 'My sources', exact: true }).click();
  await backed.getByText('Healthy').waitFor();
  expect(await page.getByText('More access needed').count()).toBe(0);
});
