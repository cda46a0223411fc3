import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** The row of a table, or card on a narrow screen, that names this. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ hasText: name });
}

export function renewIn(place: Page | Locator): Locator {
  return place.getByRole('button', { name: 'Renew credentials' });
}

export async function openWorkspace(page: Page, name = 'Marketing'): Promise<void> {
  await page.getByRole('link', { name: 'Workspaces', exact: true }).click();
  const list = page.getByRole('list', { name: 'Workspaces' });
  await list.getByRole('link', { name }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

export async function openAuthorizedConnections(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Profile' }).click();
  await page.getByRole('menuitem', { name: 'Authorized connections' }).click();
  await page.getByRole('heading', { name: 'Authorized connections', level: 1 }).waitFor();
}

export async function expandEnterpriseSources(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Show enterprise sources' }).click();
}

/** Red is what a person sees: the computed background, not a class name. */
export async function expectRed(button: Locator): Promise<void> {
  const [red = 0, green = 255, blue = 255] = await backgroundOf(button);
  expect({ red, green, blue, isRed: red > 150 && green < 90 && blue < 90 }).toMatchObject({
    isRed: true,
  });
}

export async function backgroundOf(element: Locator): Promise<number[]> {
  const color: string = await element.evaluate(
    (node) => node.ownerDocument.defaultView.getComputedStyle(node).backgroundColor,
  );
  return [...color.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

/** Changes with every load of a document, so the same value means that nothing was reloaded. */
export function documentBegan(page: Page): Promise<number> {
  return page.evaluate(() => performance.timeOrigin);
}

export function hasFocus(element: Locator): Promise<boolean> {
  return element.evaluate((node) => node === node.ownerDocument.activeElement);
}
