import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { top } from '../../check/source-files.ts';
import { chart } from '../helm.ts';
import { chartTest as test } from '../kubernetes-test.ts';

type Settings = { properties?: object; patternProperties?: object };
type Schema = {
  properties: {
    settings: Settings;
    demo: { properties: { settings: Settings } };
    services: { properties: Record<string, { properties: { settings: Settings } }> };
  };
};

/** An older way to say something, what is the image's, and what no operator sets on a cluster. */
const elsewhere = new Set(['KEY_FILE', 'UI_DIRECTORY', 'DATA_DIR', 'LOG_TO', 'CLOCK_PEERS']);

const read = (path: string) => readFileSync(join(top, path), 'utf8');

/** The variables of the operator's guides. */
function documented(): Set<string> {
  const text = ['docs/operator.md', 'docs/engines.md'].map(read).join('\n');
  const names = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)[`=]/g)].map(([, name = '']) => name);
  return new Set(names.filter((name) => !elsewhere.has(name) && !errorCodes.has(name)));
}

/** What looks like a variable in these texts and is none. */
const errorCodes = new Set([
  ...['KEY_MISSING', 'KEY_MISMATCH', 'DATABASE_UNAVAILABLE'],
  ...['PERMISSION_DENIED', 'CALLER_NOT_ALLOWED', 'SERVICE_UNAVAILABLE'],
]);

test('every setting that operators are told of can be set by a value', () => {
  const { properties } = JSON.parse(read(`${chart}/values.schema.json`)) as Schema;
  const settings = [
    properties.settings,
    properties.demo.properties.settings,
    ...Object.values(properties.services.properties).map((one) => one.properties.settings),
  ];
  const named = new Set(settings.flatMap((one) => Object.keys(one.properties ?? {})));
  const patterns = settings.flatMap((one) => Object.keys(one.patternProperties ?? {}));
  const templates = readdirSync(join(top, chart, 'templates'))
    .map((file) => read(`${chart}/templates/${file}`))
    .join('\n')
    // One line makes both names of a key-encryption key.
    .replaceAll('%s_', 'KEY_ENCRYPTION_KEY_');
  const unreachable = [...documented()].filter(
    (name) =>
      !named.has(name) &&
      !patterns.some((pattern) => new RegExp(pattern).test(name)) &&
      !new RegExp(`\\b${name}\\b`).test(templates),
  );
  expect(unreachable).toEqual([]);
});
