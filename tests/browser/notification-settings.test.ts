import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { browserTest, useBrowserWorld } from './browser-world.ts';
import { inspectPage } from './inspect-page.ts';

const world = useBrowserWorld();

browserTest('how somebody is told is chosen in the profile menu, and stays chosen', async () => {
  const page = await world.openAs('Ada Lovett');
  await page.getByRole('button', { name: 'Profile' }).click();
  await page.getByRole('menuitem', { name: 'Notification settings' }).click();
  await page.getByRole('heading', { name: 'Notification settings', level: 1 }).waitFor();
  await expectChosen(page, { timing: 'Immediately', reminders: true });
  expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await inspectPage(page, 'notification-settings');

  await page.getByRole('radio', { name: 'Once a day' }).check();
  await page.getByRole('switch', { name: 'Reminders' }).uncheck({ force: true });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
  await inspectPage(page, 'notification-settings-saved');

  await page.reload();
  await expectChosen(page, { timing: 'Once a day', reminders: false });
  await page.getByRole('radio', { name: 'Only here' }).check();
  expect(await page.getByText('Saved').count()).toBe(0);
});

browserTest('a choice that could not be saved is kept on the page and said so', async () => {
  const page = await world.openAs('Max Weber', '/notification-settings');
  await page.getByRole('radio', { name: 'Only here' }).check();
  world.forgive(/^request: net::ERR_FAILED .*\/notification-preferences/);
  await page.route('**/notification-preferences', (route) =>
    route.request().method() === 'PUT' ? route.abort('failed') : route.continue(),
  );
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').filter({ hasText: 'That did not work' }).waitFor();
  expect(await page.getByRole('radio', { name: 'Only here' }).isChecked()).toBe(true);
  await inspectPage(page, 'notification-settings-failed');

  await page.unroute('**/notification-preferences');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
});

browserTest('who marked a mail as spam reads what follows from it, and how to end it', async () => {
  const page = await world.openAs('Max Weber');
  let complainedAt: string | null = new Date(Date.now() - 86_400_000).toISOString();
  await page.route('**/notification-preferences', async (route) => {
    const answer = await route.fetch();
    // As notification does it: who chooses reminders has all mails again.
    const chosen = (await answer.json()) as { reminders: boolean };
    if (route.request().method() === 'PUT' && chosen.reminders) complainedAt = null;
    const reminders = chosen.reminders && complainedAt === null;
    await route.fulfill({ response: answer, json: { ...chosen, reminders, complainedAt } });
  });
  await page.getByRole('button', { name: 'Profile' }).click();
  await page.getByRole('menuitem', { name: 'Notification settings' }).click();
  const notice = page.getByRole('status').filter({ hasText: 'marked as spam' });
  await notice.getByText('Turn reminders on').waitFor();
  await inspectPage(page, 'notification-settings-complained');
  await page.getByRole('switch', { name: 'Reminders' }).check({ force: true });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
  expect(await notice.count()).toBe(0);
});

browserTest('an administrator sees what became of the mails about a source', async () => {
  const context = await world.openContext();
  await world.withdrawInBrowser(context, 'Chatter Enterprise', 'Acme');
  const page = await world.openAs('Alma Ruiz');
  await page.getByRole('link', { name: 'Board chat' }).click();
  const mails = page.getByRole('list', { name: 'Mails' });
  await mails.getByText('Alma Ruiz').first().waitFor();
  await mails.getByText('Credentials expired').first().waitFor();
  await inspectPage(page, 'source-mails');

  const ada = await world.openAs('Ada Lovett');
  await ada.getByRole('link', { name: 'Company chat' }).click();
  await ada.getByRole('heading', { name: 'History' }).waitFor();
  expect(await ada.getByRole('heading', { name: 'Mails' }).count()).toBe(0);
});

async function expectChosen(
  page: Page,
  { timing, reminders }: { timing: string; reminders: boolean },
): Promise<void> {
  const radio = page.getByRole('radio', { name: timing });
  await radio.waitFor();
  expect(await radio.isChecked()).toBe(true);
  expect(await page.getByRole('switch', { name: 'Reminders' }).isChecked()).toBe(reminders);
}
