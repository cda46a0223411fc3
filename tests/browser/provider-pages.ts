import type { Locator, Page } from 'playwright-core';
import { renewIn } from './page-parts.ts';

/** Signs in at the provider the browser has been sent to. */
export async function chooseAccount(page: Page, account: string): Promise<void> {
  await page.getByRole('button', { name: account, exact: true }).click();
}

/** Chooses the account at the provider and gives everything it asks for. */
export async function giveAccess(page: Page, account: string): Promise<void> {
  await chooseAccount(page, account);
  await page.getByRole('button', { name: 'Allow' }).click();
}

/** From the renew button over the step before leaving to the provider's first page. */
export async function leaveForProvider(place: Locator, provider: string): Promise<void> {
  await renewIn(place).click();
  await continueTo(place.page(), provider);
}

/** The step before leaving is open: goes on. */
export async function continueTo(page: Page, provider: string): Promise<void> {
  await page.getByRole('button', { name: `Continue to ${provider}` }).click();
}

/** The page that the product shows after the provider has sent the browser back. */
export async function cameBackTo(page: Page, path: string): Promise<void> {
  await page.waitForURL((url) => url.pathname === path && url.searchParams.has('authorization'));
}
