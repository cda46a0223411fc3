import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import {
  expandEnterpriseSources,
  openAuthorizedConnections,
  openWorkspace,
  rowOf,
} from './page-parts.ts';
import { cameBackTo, continueTo, giveAccess } from './provider-pages.ts';

const world = useBrowserWorld();

browserTest('a source added from My sources is connected and syncs', async () => {
  const page = await world.openAs('Ada Lovett');
  await page.getByRole('button', { name: 'Add new source' }).click();
  await chooseConnector(page, 'Orchard Drive', 'Travel receipts');
  await page.getByRole('button', { name: 'Add source' }).click();
  await continueTo(page, 'Orchard Drive');
  await giveAccess(page, 'ada.private@orchard.example');

  await cameBackTo(page, '/my-sources');
  await page
    .getByRole('status')
    .filter({ hasText: 'Connected' })
    .getByText('Travel receipts')
    .waitFor();
  const row = rowOf(page, 'Travel receipts');
  await row.getByText('Healthy').waitFor();
  await row.locator('time').waitFor();
});

browserTest('a source added inside a workspace belongs to it', async () => {
  const page = await world.openAs('Ada Lovett');
  await openWorkspace(page);
  const path = new URL(page.url()).pathname;
  await page.getByRole('button', { name: 'Add new source' }).click();
  await chooseConnector(page, 'Helpline Desk', 'Complaints');
  expect(await page.getByLabel('Workspace', { exact: true }).count()).toBe(0);
  await page.getByRole('button', { name: 'Add source' }).click();
  await continueTo(page, 'Helpline Desk');
  await giveAccess(page, 'ada.private@helpline.example');

  await cameBackTo(page, path);
  await rowOf(page, 'Complaints').getByText('Healthy').waitFor();
  await page.getByRole('link', { name: 'My sources', exact: true }).click();
  await rowOf(page, 'Complaints').getByRole('link', { name: 'Marketing' }).waitFor();
});

browserTest(
  'admin credentials are added once and then back a source without another consent',
  async () => {
    const page = await world.openAs('Alma Ruiz');
    await openAuthorizedConnections(page);
    await page.getByRole('button', { name: 'Add admin credentials' }).click();
    await chooseConnector(page, 'Chatter Enterprise', 'Labs Chatter');
    await page.getByRole('button', { name: 'Add credentials' }).click();
    await continueTo(page, 'Chatter Enterprise');
    await giveAccess(page, 'Acme Labs');

    await cameBackTo(page, '/authorized-connections');
    await page.getByRole('status').filter({ hasText: 'Connected' }).waitFor();
    await rowOf(page, 'Labs Chatter').getByText('Healthy').waitFor();

    await page.getByRole('link', { name: 'My sources', exact: true }).click();
    await page.getByRole('button', { name: 'Add new source' }).click();
    await chooseConnector(page, 'Chatter Enterprise', 'Labs talk');
    await page.getByLabel('Authorized connection').selectOption('Labs Chatter');
    await page.getByRole('button', { name: 'Add source' }).click();
    await rowOf(page, 'Labs talk').getByText('Healthy').waitFor();
    expect(new URL(page.url()).search).toBe('');

    await openAuthorizedConnections(page);
    await expandEnterpriseSources(page);
    await rowOf(page, 'Labs Chatter').getByRole('cell', { name: '1', exact: true }).waitFor();
  },
);

async function chooseConnector(page: Page, connector: string, name: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: connector }).click();
  await dialog.getByLabel('Name', { exact: true }).fill(name);
}
