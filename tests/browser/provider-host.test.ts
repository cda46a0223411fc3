import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import type { Product } from '../system/product.ts';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { inspectPage } from './inspect-page.ts';
import { renewIn, rowOf } from './page-parts.ts';
import { cameBackTo, continueTo, giveAccess, leaveForProvider } from './provider-pages.ts';

const world = useBrowserWorld();
const account = 'ada.private@orchard.example';

/**
 * A provider with a place for each of its customers, whom the demo world's Orchard Drive plays: the one that exists is
 * `orchard`.
 */
async function offerOrchardTeams(product: Product): Promise<void> {
  const directory = join(product.demoDirectory, 'demo', 'catalogue');
  const orchard: Record<string, unknown> = JSON.parse(
    readFileSync(join(directory, 'orchard.yaml'), 'utf8'),
  );
  const teams = {
    ...orchard,
    ...{ id: 'orchard-teams', name: 'Orchard Teams', issuer: `${product.demoUrl}/{team}` },
    variables: {
      team: {
        pattern: '[a-z]+',
        ask: { label: 'Team', help: 'What stands before .teams.example.', example: 'acme' },
      },
    },
    connectors: {
      'orchard-teams': { name: 'Orchard Teams', kind: 'personal', scopes: ['files.read'] },
    },
  };
  writeFileSync(join(directory, 'orchard-teams.yaml'), JSON.stringify(teams));
  await product.restart();
}

/** What a sync worker does when the provider's API has refused its token. */
async function reportRefusal(product: Product, page: Page, name: string): Promise<void> {
  const read = async <T>(path: string): Promise<T> =>
    (await page.request.get(`${product.gatewayUrl}/api/v1${path}`)).json();
  const me = await read<{ account: { id: string } }>('/me');
  const sources = await read<{ items: { id: string; name: string }[] }>('/my-sources');
  const sourceId = sources.items.find((source) => source.name === name)?.id ?? '';
  const worker = {
    ...{ accountId: me.account.id, worker: 'test' },
    target: { $case: 'sourceId', value: sourceId } as const,
  };
  const broker = product.connect(OauthBrokerServiceService, 'broker', { deadlineMs: 20_000 });
  try {
    const token = await broker.getAccessToken({ ...worker, minimumRemainingLife: undefined });
    await broker.reportRejectedToken({ ...worker, tokenHash: token.tokenHash });
  } finally {
    broker.close();
  }
}

browserTest(
  'who adds a source says which host is theirs, is told at the field what is wrong, and is never asked again',
  async () => {
    await offerOrchardTeams(world.product);
    const page = await world.openAs('Ada Lovett');
    await page.getByRole('button', { name: 'Add new source' }).click();
    const dialog = page.getByRole('dialog');
    const team = dialog.getByLabel('Team', { exact: true });
    await dialog.getByRole('radio', { name: 'Orchard Drive' }).click();
    expect(await team.count()).toBe(0);
    await dialog.getByRole('radio', { name: 'Orchard Teams' }).click();
    await dialog.getByText('What stands before .teams.example.').waitFor();
    await dialog.getByLabel('Name', { exact: true }).fill('Team files');
    const add = dialog.getByRole('button', { name: 'Add source' });
    expect(await add.isDisabled()).toBe(true);

    world.forgive(/^answer: 400 .*\/api\/v1\/sources$/);
    await team.fill('evil.example');
    await add.click();
    await dialog.getByText('must look like acme').waitFor();
    expect(await team.getAttribute('aria-invalid')).toBe('true');
    await inspectPage(page, 'add-source-wrong-host');

    await team.fill('orchard');
    await add.click();
    await continueTo(page, 'Orchard Teams');
    await giveAccess(page, account);
    await cameBackTo(page, '/my-sources');
    const row = rowOf(page, 'Team files');
    await row.getByText('Healthy').waitFor();

    await createDemoControls(world.product.demoUrl).withdraw('orchard', account);
    await reportRefusal(world.product, page, 'Team files');
    await renewIn(row).waitFor();
    await leaveForProvider(row, 'Orchard Teams');
    await giveAccess(page, account);
    await cameBackTo(page, '/my-sources');
    await rowOf(page, 'Team files').getByText('Healthy').waitFor();
  },
  // Two starts of the product, and one page looked at in every way.
  120_000,
);
