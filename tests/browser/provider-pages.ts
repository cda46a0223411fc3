import type { Page } from 'playwright-core';

/** Signs in at the provider the browser has been sent to. */
export async function chooseAccount(page: Page, account: string): Promise<void> {
  await page.getByRole('button', { name: account, exact: true }).click();
}

/** Chooses the account at the provider and gives everything it asks for. */
export async function giveAccess(page: Page, account: string): Promise<void> {
  await chooseAccount(page, account);
  await page.getByRole('button', { name: 'Allow' }).click();
}
