import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { top } from '../check/source-files.ts';

const artefacts = join(top, 'tests', 'artefacts');

const desktop = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };
// What axe finds beside contrast does not change with the colours, so it is asked once for each width.
const looks = [
  { name: 'desktop-light', viewport: desktop, colorScheme: 'light', rules: 'all' },
  { name: 'desktop-dark', viewport: desktop, colorScheme: 'dark', rules: 'contrast' },
  { name: '360-dark', viewport: phone, colorScheme: 'dark', rules: 'all' },
  { name: '360-light', viewport: phone, colorScheme: 'light', rules: 'contrast' },
] as const;

/**
 * Looks at a page as it stands, wide and narrow, light and dark: axe finds nothing, nothing scrolls sideways. A picture of each
 * is kept in `tests/artefacts` for people to look at.
 */
export async function inspectPage(page: Page, name: string): Promise<void> {
  const found: string[] = [];
  // Between light and dark colours fade, and axe would judge one that nobody sees for long.
  await page.addStyleTag({ content: '*, ::before, ::after { transition: none !important }' });
  for (const look of looks) {
    await show(page, look);
    await takePicture(page, name, look);
    found.push(...(await complaintsOf(page, look)).map((one) => `${look.name}: ${one}`));
  }
  expect(found.join('\n'), name).toBe('');
}

/** Only the pictures, for what axe cannot reach: a frame that may run no scripts. */
export async function takePictures(page: Page, name: string): Promise<void> {
  for (const look of looks) {
    await show(page, look);
    await takePicture(page, name, look);
  }
}

type Look = (typeof looks)[number];

async function show(page: Page, { viewport, colorScheme }: Look): Promise<void> {
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // Our own pages change their colours by an attribute, which follows a frame later: until then ink and paper may be of two schemes.
  const html = page.locator('html');
  await expect
    .poll(async () => (await html.getAttribute('data-mantine-color-scheme')) ?? colorScheme)
    .toBe(colorScheme);
}

/** As tall as the screen: for a taller picture the page is resized for a moment, which closes its menus. */
async function takePicture(page: Page, name: string, look: Look): Promise<void> {
  const path = join(artefacts, `${name}.${look.name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
}

async function complaintsOf(page: Page, look: Look): Promise<string[]> {
  const violations = await askAxe(page, look);
  const complaints = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
  const sideways: number = await page
    .locator('html')
    .evaluate((node) => node.scrollWidth - node.clientWidth);
  if (sideways > 0) complaints.push(`${sideways} px too wide`);
  return complaints;
}

type Violations = Awaited<ReturnType<AxeBuilder['analyze']>>['violations'];

/** The first look brings axe into the page, which takes longer than asking it; the others find it there. */
async function askAxe(page: Page, look: Look): Promise<Violations> {
  const options = {
    // What passed takes time to tell.
    resultTypes: ['violations' as const],
    ...(look.rules === 'contrast' && {
      runOnly: { type: 'rule' as const, values: ['color-contrast'] },
    }),
  };
  if (look === looks[0]) {
    // Legacy: without a second page, which only frames of other origins need.
    return (await new AxeBuilder({ page }).setLegacyMode(true).options(options).analyze())
      .violations;
  }
  const results = await page.evaluate(`axe.run(${JSON.stringify(options)})`);
  return (results as { violations: Violations }).violations;
}
