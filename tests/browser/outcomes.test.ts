import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { expectRed, hasFocus, renewIn, rowOf } from './page-parts.ts';
import {
  cameBackTo,
  chooseAccount,
  continueTo,
  giveAccess,
  leaveForProvider,
} from './provider-pages.ts';

const world = useBrowserWorld();

browserTest(
  'another account is refused by name, and trying again with the right one heals',
  async () => {
    const { page, row } = await dyingSource('Quarterly reports', 'Orchard Drive');
    await leaveForProvider(row, 'Orchard Drive');
    await giveAccess(page, 'ada.private@orchard.example');
    await cameBackTo(page, '/my-sources');
    const outcome = page.getByRole('alert').filter({ hasText: 'That was another account' });
    await outcome.getByText('signed in at Orchard Drive as a•••@orchard.example').waitFor();
    await outcome.getByText('These credentials belong to a•••@acme.example').waitFor();
    await expectRed(renewIn(row));

    await outcome.getByRole('button', { name: 'Try again' }).click();
    await continueTo(page, 'Orchard Drive');
    await giveAccess(page, 'ada@acme.example');
    await cameBackTo(page, '/my-sources');
    await row.getByText('Healthy').waitFor();
  },
);

browserTest('another account is taken after it was chosen on purpose', async () => {
  const { page, row } = await dyingSource('Design files', 'Revolve Box');
  await leaveForProvider(row, 'Revolve Box');
  await giveAccess(page, 'ada.private@revolve.example');
  await cameBackTo(page, '/my-sources');
  await page.getByRole('alert').getByRole('button', { name: 'Switch account' }).click();
  const choice = page.getByRole('dialog', { name: 'Switch account' });
  await choice.getByText('instead of a•••@acme.example').waitFor();
  await choice.getByText('Design files').waitFor();
  await choice.getByRole('button', { name: 'Switch account' }).click();
  await page.getByText('Another one than a•••@acme.example').waitFor();
  await continueTo(page, 'Revolve Box');
  await giveAccess(page, 'ada.private@revolve.example');
  await cameBackTo(page, '/my-sources');
  await page.getByRole('status').filter({ hasText: 'Credentials renewed' }).waitFor();
  await row.getByText('Healthy').waitFor();
});

browserTest(
  'cancelling before leaving and denying at the provider both lead back, and nothing changes',
  async () => {
    const { page, row } = await dyingSource('Support tickets', 'Helpline Desk');
    await renewIn(row).click();
    const dialog = page.getByRole('dialog', { name: 'Renew credentials' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => hasFocus(renewIn(row)), { timeout: 15_000 }).toBe(true);

    await leaveForProvider(row, 'Helpline Desk');
    await chooseAccount(page, 'ada@acme.example');
    await page.getByRole('button', { name: 'Deny' }).click();
    await cameBackTo(page, '/my-sources');
    await page
      .getByRole('status')
      .filter({ hasText: 'Cancelled' })
      .getByText('Nothing was changed')
      .waitFor();
    await expectRed(renewIn(row));
  },
);

browserTest('permissions that were unticked are listed, and giving them heals', async () => {
  const { page, row } = await dyingSource('Quarterly reports', 'Orchard Drive');
  await leaveForProvider(row, 'Orchard Drive');
  await chooseAccount(page, 'ada@acme.example');
  await page.getByLabel('Read your files').uncheck();
  await page.getByRole('button', { name: 'Allow' }).click();
  await cameBackTo(page, '/my-sources');
  const outcome = page.getByRole('alert').filter({ hasText: 'Some permissions are missing' });
  await outcome.waitFor();
  expect(await outcome.getByRole('listitem').allInnerTexts()).toEqual(['files.read']);
  await row.getByText('Missing permissions').waitFor();
  await expectRed(renewIn(row));

  await outcome.getByRole('button', { name: 'Try again' }).click();
  await continueTo(page, 'Orchard Drive');
  await giveAccess(page, 'ada@acme.example');
  await cameBackTo(page, '/my-sources');
  await row.getByText('Healthy').waitFor();
});

browserTest(
  'a callback that is replayed shows a clear page and asks the provider nothing',
  async () => {
    const { page, row } = await dyingSource('Quarterly reports', 'Orchard Drive');
    let callback = '';
    page.on('request', (request) => {
      if (request.url().includes('/oauth/callback')) callback = request.url();
    });
    await leaveForProvider(row, 'Orchard Drive');
    await giveAccess(page, 'ada@acme.example');
    await cameBackTo(page, '/my-sources');
    await row.getByText('Healthy').waitFor();

    const exchanges = await codeExchanges();
    world.forgive(/^answer: 4\d\d .*\/oauth\/callback/);
    await page.goto(callback);
    await page.getByText('it was already used. Nothing was changed.').waitFor();
    expect(await codeExchanges()).toBe(exchanges);
    await page.getByRole('link', { name: 'Back to My sources' }).click();
    await row.getByText('Healthy').waitFor();
  },
);

/** Ada's page with a source that has just died. */
async function dyingSource(name: string, provider: string): Promise<{ page: Page; row: Locator }> {
  const page = await world.openAs('Ada Lovett');
  const row = rowOf(page, name);
  await row.getByText('Healthy').waitFor();
  await world.withdrawInBrowser(page.context(), provider, 'ada@acme.example');
  await renewIn(row).waitFor();
  return { page, row };
}

/** How many codes Orchard Drive was asked to exchange so far. */
async function codeExchanges(): Promise<number> {
  const counters = await createDemoControls(world.product.demoUrl).get<Counters>('/counters');
  return counters['orchard']?.tokenRequests['authorization_code'] ?? 0;
}

type Counters = Record<string, { tokenRequests: Record<string, number> }>;
