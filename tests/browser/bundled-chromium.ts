import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflate } from '@sparticuz/chromium';
import { top } from '../check/source-files.ts';

export type Chromium = {
  executablePath: string;
  /** What its process needs in its environment. */
  environment: Record<string, string>;
};

/**
 * The Chromium of the npm package `@sparticuz/chromium`, unpacked once below `node_modules`; undefined where the package
 * has none (it is built for Linux on x64).
 *
 * The package's own `executablePath()` brings the libraries that a bare machine lacks (NSS, expat) only where it
 * recognizes Amazon's Lambda, and reuses whatever lies in the temporary directory.
 */
export async function bundledChromium(): Promise<Chromium | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const home = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '../..');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const directory = join(top, 'node_modules', '.cache', `chromium-${version}`);
  if (!existsSync(directory)) await unpack(join(home, 'bin'), directory);
  return {
    executablePath: join(directory, 'chromium'),
    environment: {
      LD_LIBRARY_PATH: join(directory, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(directory, 'fonts.conf'),
    },
  };
}

async function unpack(from: string, directory: string): Promise<void> {
  // Elsewhere first: whoever finds the directory finds it whole, also when two runs unpack at once or one is ended.
  const unfinished = `${directory}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const packed = ['chromium.br', 'al2023.tar.br', 'fonts.tar.br'];
  await Promise.all(packed.map((name) => inflateInto(unfinished, join(from, name))));
  writeFileSync(join(unfinished, 'fonts.conf'), fontsConfiguration(directory));
  try {
    renameSync(unfinished, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** `inflate` writes to the temporary directory, which it asks for before its first wait. */
function inflateInto(directory: string, file: string): Promise<string> {
  const { env } = process;
  const before = env['TMPDIR'];
  env['TMPDIR'] = directory;
  try {
    return inflate(file);
  } finally {
    if (before === undefined) delete env['TMPDIR'];
    else env['TMPDIR'] = before;
  }
}

/** Only the bundled font, so that pages and screenshots are the same on every machine. */
function fontsConfiguration(directory: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(directory, 'fonts', 'fonts')}</dir>
  <cachedir>${join(directory, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
