import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { inspectPage } from './inspect-page.ts';
import {
  backgroundOf,
  documentBegan,
  hasFocus,
  openAuthorizedConnections,
  openWorkspace,
  rowOf,
} from './page-parts.ts';

const world = useBrowserWorld();

browserTest(
  'an administrator rehearses an expiry, the creator finds the marked button from the mail, and the report says so by itself',
  async () => {
    const ada = await world.openAs('Ada Lovett');
    const row = rowOf(ada, 'Quarterly reports');
    await row.getByText('Healthy').waitFor();
    const began = await documentBegan(ada);

    const alma = await openAsAdministrator(ada, 'Quarterly reports');
    await alma.getByRole('button', { name: 'Rehearse an expiry' }).click();
    await inspectPage(alma, 'drill-confirm');
    await alma.getByRole('button', { name: 'Start the drill' }).click();
    const report = alma.locator('[data-drill-report]');
    await report.getByText('0 of 1 reacted').waitFor();
    await inspectPage(alma, 'drill-running');

    // On the page that was open all the time.
    await expectMarked(drillIn(row));
    expect(await documentBegan(ada)).toBe(began);
    await row.getByText('Healthy').waitFor();
    await inspectPage(ada, 'drill-my-sources');

    await openDrillMail(ada, 'ada@acme.example');
    await ada.frameLocator('iframe').getByRole('link', { name: 'Drill: open the page' }).click();
    await ada.waitForURL((url) => url.searchParams.has('drill'));
    await ada.getByText('Nothing has expired. Press the button').waitFor();
    await expect.poll(() => hasFocus(drillIn(row)), { timeout: 15_000 }).toBe(true);
    await inspectPage(ada, 'drill-mail-link');

    await ada.keyboard.press('Enter');
    const dialog = ada.getByRole('dialog', { name: 'This was a drill' });
    await dialog.getByText('Nothing has expired, thank you.').waitFor();
    await inspectPage(ada, 'drill-thanks');
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await drillIn(row).waitFor({ state: 'detached' });
    expect(new URL(ada.url()).origin).toBe(world.product.gatewayUrl);
    await ada.getByText('The mail was a drill').waitFor();

    await report.getByText('1 of 1 reacted').waitFor();
    await report.getByText('Reacted after').waitFor();
    await report.getByText('Over: everybody has reacted').waitFor();
    await inspectPage(alma, 'drill-report');
  },
  // Seven looks at pages of two people.
  150_000,
);

browserTest(
  'in a workspace the fingerprint is marked, and the source has the button too',
  async () => {
    const max = await world.openAs('Max Weber');
    await openWorkspace(max);
    const row = rowOf(max, 'Contracts');
    const alma = await openAsAdministrator(max, 'Contracts');
    await startDrill(alma);
    await expectMarked(drillIn(row));
    await row.getByText('Drill', { exact: true }).waitFor();
    await inspectPage(max, 'drill-workspace');
    await row.getByRole('link', { name: 'Contracts' }).click();
    await drillIn(max).waitFor();
    await inspectPage(max, 'drill-source');

    await alma.getByRole('button', { name: 'End the drill' }).click();
    await alma.getByText('Ended by an administrator').waitFor();
    await drillIn(max).waitFor({ state: 'detached' });
    await inspectPage(alma, 'drill-ended');
  },
);

browserTest(
  'the drill of a source on an authorized connection is marked at the connection',
  async () => {
    const alma = await world.openAs('Alma Ruiz');
    await alma.getByRole('link', { name: 'Board chat' }).click();
    await alma.getByRole('heading', { name: 'Board chat', level: 1 }).waitFor();
    await startDrill(alma);
    await openAuthorizedConnections(alma);
    await alma.getByRole('button', { name: 'Show enterprise sources' }).click();
    const row = rowOf(alma, 'Acme Chatter');
    await expectMarked(drillIn(row));
    await inspectPage(alma, 'drill-authorized-connections');
    await drillIn(row).click();
    await alma.getByRole('dialog', { name: 'This was a drill' }).waitFor();
  },
);

function drillIn(place: Page | Locator): Locator {
  return place.getByRole('button', { name: 'Drill: renew credentials' });
}

/** Nobody could take it for the red button: dashed, striped, and no red in it. */
async function expectMarked(button: Locator): Promise<void> {
  await button.waitFor();
  const [red = 0, green = 0, blue = 0] = await backgroundOf(button);
  expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(40);
  const { border, image }: { border: string; image: string } = await button.evaluate((node) => {
    const style = node.ownerDocument.defaultView.getComputedStyle(node);
    return { border: style.borderTopStyle, image: style.backgroundImage };
  });
  expect(border).toBe('dashed');
  expect(image).toContain('repeating-linear-gradient');
}

async function startDrill(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Rehearse an expiry' }).click();
  await page.getByRole('button', { name: 'Start the drill' }).click();
  await page.locator('[data-drill-report]').first().waitFor();
}

/** The page of a source as the administrator sees it; `from`: a page of somebody that lists it. */
async function openAsAdministrator(from: Page, name: string): Promise<Page> {
  const path = await from.getByRole('link', { name, exact: true }).getAttribute('href');
  const alma = await world.openAs('Alma Ruiz', path ?? '');
  await alma.getByRole('heading', { name, level: 1 }).waitFor();
  return alma;
}

async function openDrillMail(page: Page, to: string): Promise<void> {
  const controls = createDemoControls(world.product.demoUrl);
  await expect
    .poll(async () => (await controls.mails()).some((mail) => mail.to.includes(to)), {
      timeout: 15_000,
    })
    .toBe(true);
  await page.goto(world.product.demoUrl);
  const mail = page.getByRole('listitem').filter({ hasText: to });
  await mail.getByRole('link', { name: '[Drill] Credentials expired in source' }).first().click();
  await page.getByRole('heading', { level: 1 }).waitFor();
}
