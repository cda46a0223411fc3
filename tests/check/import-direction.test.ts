import { expect, test } from 'vitest';
import { findWrongImports } from './import-direction.ts';
import { readSourceFiles } from './source-files.ts';

const wrong = (path: string, text: string) => findWrongImports([{ path, text }]);

test('every import of the house goes in the direction of its floors', () => {
  const files = readSourceFiles();
  expect(files.length).toBeGreaterThan(100);
  expect(findWrongImports(files)).toEqual([]);
});

test.each([
  [
    'a service importing another',
    'services/notification/src/a.ts',
    "import { x } from '@credential-renewal/oauth-broker';",
  ],
  [
    'a package importing a service',
    'packages/rpc/src/a.ts',
    "import type { X } from '@credential-renewal/credential-vault';",
  ],
  [
    'a relative path out of the workspace',
    'services/oauth-broker/src/a.ts',
    "import { x } from '../../credential-vault/src/credential.ts';",
  ],
  [
    'the pages importing a contract',
    'gateway/ui/src/a.tsx',
    "import { X } from '@credential-renewal/proto/events/v1/source';",
  ],
  ['a re-export', 'packages/runtime/src/a.ts', "export * from '@credential-renewal/storage';"],
  [
    'a lazy import',
    'gateway/src/a.ts',
    "const x = await import('@credential-renewal/standalone');",
  ],
  [
    'an import over several lines',
    'proto/a.ts',
    "import {\n  one,\n  two,\n} from '@credential-renewal/rpc';",
  ],
  [
    'an import for its effect',
    'services/source-registry/src/a.ts',
    "import '@credential-renewal/gateway';",
  ],
  [
    'a name that is no workspace',
    'gateway/src/a.ts',
    "import { x } from '@credential-renewal/shared';",
  ],
])('%s is reported', (_, path, text) => {
  expect(wrong(path, text)).toHaveLength(1);
});

test.each([
  ['services/notification/src/a.ts', "import { x } from '@credential-renewal/rpc';"],
  ['services/standalone/src/a.ts', "import { x } from '@credential-renewal/gateway';"],
  [
    'gateway/ui/src/pages/a.tsx',
    "import type { Source } from '@credential-renewal/gateway/http-types';",
  ],
  ['services/oauth-broker/src/rpc/a.ts', "import { x } from '../verdict.ts';"],
  ['gateway/src/a.ts', "import fastify from 'fastify';"],
])('%s may do as it does', (path, text) => {
  expect(wrong(path, text)).toEqual([]);
});
