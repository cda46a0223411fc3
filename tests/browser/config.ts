export type BrowserTestConfig = {
  /** A Chrome or Chromium to use instead of the bundled one. */
  chromePath: string | undefined;
  /** In CI a missing browser is a failure, not a reason to skip. */
  isRequired: boolean;
  /** What the browser's process inherits. */
  environment: Record<string, string>;
};

export function readBrowserTestConfig(env: NodeJS.ProcessEnv): BrowserTestConfig {
  return {
    chromePath: env['CHROME_PATH'] || undefined,
    isRequired: env['CI'] === 'true',
    environment: Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}
