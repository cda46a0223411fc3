import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { sampleMails } from '@credential-renewal/notification/sample-mails';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { top } from '../check/source-files.ts';
import { findChromium, noBrowserMessage, openBrowser } from './open-browser.ts';

const chromium = await findChromium();
if (chromium === undefined) process.stderr.write(`${noBrowserMessage}\n`);

const looks = [
  { name: 'light', colorScheme: 'light', width: 720 },
  { name: 'dark', colorScheme: 'dark', width: 720 },
  { name: '320', colorScheme: 'light', width: 320 },
  { name: '320-dark', colorScheme: 'dark', width: 320 },
] as const;

let browser: Browser;
beforeAll(async () => {
  if (chromium) browser = await openBrowser(chromium);
});
afterAll(() => browser?.close());

/** A picture of each mail is kept in `tests/artefacts` for people to look at. */
test.skipIf(chromium === undefined).each(Object.entries(sampleMails()))(
  'the mail %s is readable wide and at 320 pixels, light and dark, and asks the network for nothing',
  async (name, { html }) => {
    for (const { name: look, colorScheme, width } of looks) {
      const options = { colorScheme, viewport: { width, height: 640 } };
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const requests: string[] = [];
      page.on('request', (request) => void requests.push(request.url()));
      await page.setContent(html);
      expect(requests).toEqual([]);
      expect(await complaintsOf(page), look).toEqual([]);
      const path = join(top, 'tests', 'artefacts', `mail-${name}.${look}.png`);
      await page.screenshot({ path, fullPage: true });
      await context.close();
    }
  },
);

/** What axe says of its colours, and how much too wide it is. */
async function complaintsOf(page: Page): Promise<string[]> {
  const runOnly = { type: 'rule' as const, values: ['color-contrast', 'link-in-text-block'] };
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ runOnly });
  const { violations } = await axe.analyze();
  const sideways: number = await page
    .locator('html')
    .evaluate((node) => node.scrollWidth - node.clientWidth);
  return [
    ...violations.flatMap(({ nodes }) => nodes.map(({ failureSummary }) => `${failureSummary}`)),
    ...(sideways > 0 ? [`${sideways} px too wide`] : []),
  ];
}
