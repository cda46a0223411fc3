import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { bundledChromium, type Chromium } from './bundled-chromium.ts';
import { readBrowserTestConfig } from './config.ts';

const config = readBrowserTestConfig(process.env);

export const noBrowserMessage =
  'No browser was found, so the browser tests cannot run. Install Google Chrome, or name a Chrome or Chromium in CHROME_PATH.';

const installedAt: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
  linux: ['/usr/bin/google-chrome', '/usr/bin/chromium', '/usr/bin/chromium-browser'],
};

/**
 * The browser of the tests: CHROME_PATH, else the bundled one (Linux on x64), else an installed Chrome; undefined when there is
 * none. With CI=true, or when CHROME_PATH names nothing that runs, that is an error.
 */
export async function findChromium(): Promise<Chromium | undefined> {
  const { chromePath, isRequired } = config;
  if (chromePath !== undefined) {
    if (isExecutable(chromePath)) return { executablePath: chromePath, environment: {} };
    throw new Error(`CHROME_PATH (${chromePath}) is not a program that can be run.`);
  }
  const bundled = await bundledChromium();
  if (bundled) return bundled;
  const executablePath = installedAt[process.platform]?.find(isExecutable);
  if (executablePath !== undefined) return { executablePath, environment: {} };
  if (isRequired) throw new Error(noBrowserMessage);
  return undefined;
}

export function openBrowser({ executablePath, environment }: Chromium): Promise<Browser> {
  return chromium.launch({
    executablePath,
    env: { ...config.environment, ...environment },
    // Containers run as root and give /dev/shm little room; both would end the browser at its start.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none'],
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
