import { expect } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { hasFocus, openWorkspace, renewIn, rowOf } from './page-parts.ts';

const world = useBrowserWorld();

browserTest('a member who may not renew sees the state and who can, and no button', async () => {
  const page = await world.openAs('Max Weber');
  await openWorkspace(page);
  const row = rowOf(page, 'Design files');
  await row.getByText('Healthy').waitFor();
  await createDemoControls(world.product.demoUrl).withdraw('revolve', 'ada@acme.example');
  await row.getByText('Needs renewal').waitFor();
  await row.getByText('Ada Lovett can renew it').waitFor();
  expect(await renewIn(page).count()).toBe(0);

  await row.getByRole('link', { name: 'Design files' }).click();
  await page.getByText('Ada Lovett can renew it.').waitFor();
  expect(await renewIn(page).count()).toBe(0);
});

browserTest(
  'the creator of a source on an authorized connection sees who can renew it, and no button',
  async () => {
    const page = await world.openAs('Ada Lovett');
    const row = rowOf(page, 'Company chat');
    await row.getByText('Healthy').waitFor();
    await createDemoControls(world.product.demoUrl).withdraw('chatter', 'Acme');
    await row.getByText('Alma Ruiz can renew it').waitFor();
    expect(await renewIn(row).count()).toBe(0);
    await openWorkspace(page);
    await row.getByText('Alma Ruiz can renew it').waitFor();
    expect(await renewIn(row).count()).toBe(0);
  },
);

browserTest('who may renew the connection behind a source is led to the button there', async () => {
  await createDemoControls(world.product.demoUrl).withdraw('chatter', 'Acme');
  const page = await world.openAs('Alma Ruiz');
  const row = rowOf(page, 'Board chat');
  await row.getByText('You can renew it under').waitFor();
  expect(await renewIn(row).count()).toBe(0);
  await row.getByRole('link', { name: 'Authorized connections' }).click();
  await expect
    .poll(() => hasFocus(renewIn(rowOf(page, 'Acme Chatter'))), { timeout: 15_000 })
    .toBe(true);
});

browserTest('a member has no way to Authorized connections', async () => {
  const page = await world.openAs('Max Weber');
  await page.getByRole('button', { name: 'Profile' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
  expect(await page.getByRole('menuitem').allInnerTexts()).not.toContain('Authorized connections');
  await page.goto(`${world.product.gatewayUrl}/authorized-connections`);
  await page.getByText('For administrators').waitFor();
  expect(await page.getByRole('button', { name: 'Add admin credentials' }).count()).toBe(0);
});
