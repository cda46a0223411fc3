import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { browserTest, type PersonaName, useBrowserWorld } from './browser-world.ts';
import {
  documentBegan,
  expandEnterpriseSources,
  expectRed,
  openAuthorizedConnections,
  openWorkspace,
  renewIn,
  rowOf,
} from './page-parts.ts';
import { giveAccess } from './provider-pages.ts';

const world = useBrowserWorld();

type EntryPoint = {
  persona: PersonaName;
  provider: string;
  account: string;
  maskedAccount: string;
  /** What the row is called. */
  name: string;
  heals: string[];
  open: (page: Page) => Promise<void>;
};

browserTest('a dead source is renewed from My sources', async () => {
  await renewFrom({
    persona: 'Ada Lovett',
    provider: 'Orchard Drive',
    account: 'ada@acme.example',
    maskedAccount: 'a•••@acme.example',
    name: 'Quarterly reports',
    heals: ['Quarterly reports'],
    open: (page) => page.getByRole('link', { name: 'My sources', exact: true }).click(),
  });
});

browserTest('a dead source is renewed from its workspace', async () => {
  await renewFrom({
    persona: 'Ada Lovett',
    provider: 'Revolve Box',
    account: 'ada@acme.example',
    maskedAccount: 'a•••@acme.example',
    name: 'Design files',
    heals: ['Design files'],
    open: openWorkspace,
  });
});

browserTest('a dead admin credential is renewed from Authorized connections', async () => {
  await renewFrom({
    persona: 'Alma Ruiz',
    provider: 'Chatter Enterprise',
    account: 'Acme',
    maskedAccount: 'Ac•••',
    name: 'Acme Chatter',
    heals: ['Company chat', 'Board chat'],
    async open(page) {
      await openAuthorizedConnections(page);
      await expandEnterpriseSources(page);
    },
  });
});

/** Healthy, dead, renewed: each step shows on the page by itself. */
async function renewFrom(entry: EntryPoint): Promise<void> {
  const page = await world.openAs(entry.persona);
  await entry.open(page);
  const row = rowOf(page, entry.name);
  await row.getByText('Healthy').waitFor();
  expect(await renewIn(row).count()).toBe(0);
  const began = await documentBegan(page);
  const startedOn = new URL(page.url()).pathname;

  await world.withdrawInBrowser(page.context(), entry.provider, entry.account);
  await renewIn(row).waitFor();
  expect(await documentBegan(page)).toBe(began);
  await expectRed(renewIn(row));

  await renewIn(row).click();
  const dialog = page.getByRole('dialog', { name: 'Renew credentials' });
  await expectBeforeLeaving(dialog, entry);
  await dialog.getByRole('button', { name: `Continue to ${entry.provider}` }).click();
  await giveAccess(page, entry.account);

  await page.waitForURL(
    (url) => url.pathname === startedOn && url.searchParams.has('authorization'),
  );
  const outcome = page.getByRole('status').filter({ hasText: 'Credentials renewed' });
  await outcome.waitFor();
  for (const name of entry.heals) await outcome.getByText(name).waitFor();
  await row.getByText('Healthy').waitFor();
  expect(await renewIn(row).count()).toBe(0);
}

/** The step before leaving names the provider, the account and what will be healed. */
async function expectBeforeLeaving(dialog: Locator, entry: EntryPoint): Promise<void> {
  await dialog.getByText('Provider', { exact: true }).waitFor();
  const words = await dialog.innerText();
  for (const expected of [entry.provider, entry.maskedAccount, ...entry.heals]) {
    expect(words).toContain(expected);
  }
}
