import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { inspectPage, takePictures } from './inspect-page.ts';
import {
  hasFocus,
  openAuthorizedConnections,
  openWorkspace,
  renewIn,
  rowOf,
} from './page-parts.ts';
import {
  cameBackTo,
  chooseAccount,
  continueTo,
  giveAccess,
  leaveForProvider,
} from './provider-pages.ts';

const world = useBrowserWorld();
const ada = 'ada@acme.example';

browserTest('pages of somebody who has nothing yet', async () => {
  const page = await world.openAs('Olga Stein');
  await page.getByText('Connect your first source').waitFor();
  await inspectPage(page, 'my-sources-empty');
  await page.getByRole('link', { name: 'Workspaces', exact: true }).click();
  await page.getByText('You are in no workspace yet').waitFor();
  await inspectPage(page, 'workspaces-empty');
  await page.goto(`${world.product.gatewayUrl}/authorized-connections?connection=none`);
  await page.getByText('No admin credentials yet').waitFor();
  await inspectPage(page, 'authorized-connections-empty');
  await page.goto(`${world.product.gatewayUrl}/nowhere`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await inspectPage(page, 'not-found');
  world.forgive(/^answer: 404/);
});

browserTest('pages and dialogs of a creator', async () => {
  const page = await world.openAs('Ada Lovett');
  await rowOf(page, 'Quarterly reports').getByText('Healthy').waitFor();
  await inspectPage(page, 'my-sources');
  await page.getByRole('button', { name: 'Profile' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
  await inspectPage(page, 'profile-menu');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Add new source' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Orchard Drive' }).click();
  await inspectPage(page, 'add-source');
  await dialog.getByRole('radio', { name: 'Chatter Enterprise' }).click();
  await dialog.getByLabel('Authorized connection').waitFor();
  await inspectPage(page, 'add-enterprise-source');
  await page.keyboard.press('Escape');

  await rowOf(page, 'Quarterly reports').getByRole('link', { name: 'Quarterly reports' }).click();
  await page.getByRole('heading', { name: 'History' }).waitFor();
  await inspectPage(page, 'source');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').waitFor();
  await inspectPage(page, 'disconnect');
});

browserTest(
  'pages of somebody whose credentials died, and the way to the provider and back',
  async () => {
    await withdraw('orchard', ada);
    await withdraw('chatter', 'Acme');
    const page = await world.openAs('Ada Lovett');
    const row = rowOf(page, 'Quarterly reports');
    await renewIn(row).waitFor();
    await rowOf(page, 'Company chat').getByText('Alma Ruiz can renew it').waitFor();
    await inspectPage(page, 'my-sources-dead');
    await row.getByRole('link', { name: 'Quarterly reports' }).click();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    await inspectPage(page, 'source-dead');
    await page.getByRole('link', { name: 'My sources', exact: true }).click();

    await renewIn(row).click();
    await page.getByRole('button', { name: 'Continue to Orchard Drive' }).waitFor();
    await inspectPage(page, 'before-leaving');
    await continueTo(page, 'Orchard Drive');
    await page.getByRole('heading', { name: 'Sign in to Orchard Drive' }).waitFor();
    await inspectPage(page, 'provider-sign-in');
    await chooseAccount(page, 'ada.private@orchard.example');
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    await inspectPage(page, 'provider-consent');
    await page.getByRole('button', { name: 'Allow' }).click();
    await cameBackTo(page, '/my-sources');
    await page.getByText('That was another account').waitFor();
    await inspectPage(page, 'outcome-wrong-account');
    await page.getByRole('button', { name: 'Switch account' }).click();
    await page.getByRole('dialog').waitFor();
    await inspectPage(page, 'switch-account');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Try again' }).click();
    await continueTo(page, 'Orchard Drive');
    await chooseAccount(page, ada);
    await page.getByRole('button', { name: 'Deny' }).click();
    await cameBackTo(page, '/my-sources');
    await page.getByText('Cancelled').waitFor();
    await inspectPage(page, 'outcome-cancelled');

    await leaveForProvider(row, 'Orchard Drive');
    await chooseAccount(page, ada);
    await page.getByLabel('Read your files').uncheck();
    await page.getByRole('button', { name: 'Allow' }).click();
    await cameBackTo(page, '/my-sources');
    await page.getByText('Some permissions are missing').waitFor();
    await inspectPage(page, 'outcome-missing-permissions');

    await leaveForProvider(row, 'Orchard Drive');
    await giveAccess(page, ada);
    await cameBackTo(page, '/my-sources');
    await page.getByText('Credentials renewed').waitFor();
    await inspectPage(page, 'outcome-renewed');
  },
);

browserTest('pages and dialogs of a workspace', async () => {
  await withdraw('revolve', ada);
  await withdraw('orchard', 'max@acme.example');
  const page = await world.openAs('Ada Lovett', '/workspaces');
  await page.getByText('need renewal').waitFor();
  await inspectPage(page, 'workspaces');
  await openWorkspace(page);
  await renewIn(rowOf(page, 'Design files')).waitFor();
  await inspectPage(page, 'workspace-dead');

  const alma = await world.openAs('Alma Ruiz', '/workspaces');
  await alma.getByRole('button', { name: 'New workspace' }).click();
  await alma.getByRole('dialog').waitFor();
  await inspectPage(alma, 'new-workspace');
  await alma.keyboard.press('Escape');
  await openWorkspace(alma);
  await alma.getByRole('button', { name: 'Change members' }).click();
  await alma.getByRole('dialog').waitFor();
  await inspectPage(alma, 'change-members');
});

browserTest('pages and dialogs of an administrator', async () => {
  const page = await world.openAs('Alma Ruiz');
  await page.getByText('You can renew it under').waitFor();
  await inspectPage(page, 'my-sources-connection-owner');
  await page.getByRole('button', { name: 'Profile' }).click();
  await page.getByRole('menuitem', { name: 'Authorized connections' }).waitFor();
  await takePictures(page, 'profile-menu-administrator');
  await page.keyboard.press('Escape');
  await openAuthorizedConnections(page);
  await page.getByText('1 needs renewal').waitFor();
  await inspectPage(page, 'authorized-connections');
  await page.getByRole('button', { name: 'Show enterprise sources' }).click();
  await renewIn(page).waitFor();
  await inspectPage(page, 'authorized-connections-expanded');
  await page.getByRole('button', { name: 'More for Acme Chatter' }).click();
  await page.getByRole('menuitem', { name: 'Share' }).waitFor();
  await inspectPage(page, 'connection-menu');
  await openFromMenu(page, 'Status and history', 'connection-history');
  await page.getByRole('button', { name: 'More for Acme Chatter' }).click();
  await openFromMenu(page, 'Share', 'connection-share');
  await page.getByRole('button', { name: 'Add admin credentials' }).click();
  await page.getByRole('dialog').getByRole('radio').first().waitFor();
  await inspectPage(page, 'add-admin-credentials');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await page.getByRole('link', { name: 'My sources', exact: true }).click();
  await page.getByRole('link', { name: 'Board chat' }).click();
  await page.getByText('Evidence for administrators').click();
  await inspectPage(page, 'source-evidence');
});

browserTest(
  'pages of the demo world, the mail, and the page of a callback that is none',
  async () => {
    const context = await world.openContext();
    const page = await context.newPage();
    await page.goto(`${world.product.gatewayUrl}/my-sources`);
    await page.getByRole('button', { name: 'Ada Lovett' }).waitFor();
    await inspectPage(page, 'sign-in');
    await page.goto(world.product.demoUrl);
    await page.getByRole('link', { name: 'Credentials expired in source' }).first().waitFor();
    await inspectPage(page, 'demo-world');
    await page.getByRole('link', { name: 'Credentials expired in source' }).first().click();
    await page.frameLocator('iframe').getByText('Renew credentials').waitFor();
    await takePictures(page, 'mailbox-mail');
    await page.locator('iframe').evaluate((node) => node.remove());
    await inspectPage(page, 'mailbox-without-mail');
    const controls = createDemoControls(world.product.demoUrl);
    const [newest] = await controls.mails();
    const mail = await controls.mail(newest?.id ?? '');
    await page.goto('about:blank');
    // A mail program shows it inside a page of its own, which has the landmark and the heading.
    await page.setContent(
      `<main><h1 style="position:absolute;clip-path:inset(50%)">Mail</h1>${mail.html}</main>`,
    );
    await inspectPage(page, 'mail');
    world.forgive(/^answer: 4\d\d .*\/oauth\/callback/);
    await page.goto(`${world.product.gatewayUrl}/oauth/callback?state=unknown&code=unknown`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await inspectPage(page, 'callback-refused');
  },
);

browserTest('a renewal works with the keyboard alone', async () => {
  const page = await world.openAs('Ada Lovett');
  const row = rowOf(page, 'Design files');
  await renewIn(row).waitFor();
  await tabTo(page, 'Renew credentials', 'Design files');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => hasFocus(page.getByRole('button', { name: 'Continue to Revolve Box' })))
    .toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in to Revolve Box' }).waitFor();
  await tabTo(page, ada);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  await tabTo(page, 'Allow');
  await page.keyboard.press('Enter');
  await cameBackTo(page, '/my-sources');
  await row.getByText('Healthy').waitFor();
  // Reading goes on at the outcome.
  await expect
    .poll(() => hasFocus(page.getByRole('status').filter({ hasText: 'Credentials renewed' })))
    .toBe(true);
});

function withdraw(provider: string, account: string) {
  return createDemoControls(world.product.demoUrl).withdraw(provider, account);
}

async function openFromMenu(page: Page, item: string, name: string): Promise<void> {
  await page.getByRole('menuitem', { name: item }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading').first().waitFor();
  await inspectPage(page, name);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
}

/** Presses Tab until the focused element has these words, and stands in a row of that name if one is asked for. */
async function tabTo(page: Page, words: string, rowName?: string): Promise<void> {
  const focused = page.locator(':focus');
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused.count()) === 0) continue;
    const text = await focused.innerText();
    const row =
      rowName === undefined
        ? ''
        : await focused.evaluate((node) => node.closest('tr')?.innerText ?? '');
    if (text.trim() === words && row.includes(rowName ?? '')) return;
  }
  throw new Error(`no amount of Tab leads to "${words}"`);
}
