import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Failure,
  Failure_Kind as Kind,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadCatalogue } from '../../catalogue/load-catalogue.ts';
import { askProvider } from '../../refresh/ask-provider.ts';
import {
  type FakeProvider,
  shippedCatalogue,
  startFakeProvider,
} from '../../testing/fake-providers/fake-provider.ts';
import { createProviderClients, type ProviderClients } from '../provider-clients.ts';

type Specimen = {
  name: string;
  at?: 'token' | 'identity';
  only?: 'token';
  status: number;
  headers?: Record<string, string>;
  body: string;
  source: { title: string; url?: string; unverified?: boolean };
  expect: {
    class: 'dead' | 'operator' | 'transient';
    confirm?: boolean;
    certain?: boolean;
    reason?: string;
    resolver?: 'user' | 'tenant_admin';
    answerLost?: boolean;
    retryAfterSeconds?: number;
  };
};

const here = new URL('.', import.meta.url).pathname;
const specimensOf = (id: string): Specimen[] => parse(readFileSync(`${here}${id}.yaml`, 'utf8'));
const everybody = specimensOf('everybody');
const providers = readdirSync(shippedCatalogue).map((name) => name.replace('.yaml', ''));
const values: Record<string, Record<string, string>> = {
  'microsoft-entra': { tenant: 'organizations' },
  salesforce: { domain: 'login.salesforce.com' },
  zendesk: { subdomain: 'acme' },
};

describe.each(providers)('%s', (id) => {
  let fake: FakeProvider;
  let clients: ProviderClients;
  let directory: string;
  beforeAll(async () => {
    fake = await startFakeProvider({
      ...{ id, connector: '', identityKey: String, authorize: () => undefined },
      ...{ scopesAsked: () => [], routes: () => ({}) },
      own: id === 'zendesk' ? { accounts: { acme: { values: values[id] } } } : {},
    });
    directory = await mkdtemp(join(tmpdir(), 'corpus-'));
    await writeFile(join(directory, 'secret'), 'planted-client-secret');
    await writeFile(join(directory, `${id}.yaml`), JSON.stringify(fake.file));
    clients = createProviderClients(await loadCatalogue([shippedCatalogue, directory]), {
      httpTimeoutMs: 5_000,
    });
  });
  afterAll(async () => {
    await fake.close();
    await rm(directory, { recursive: true });
  });

  /** What the vault is told when the provider gives this answer to a refresh, or to the identity call. */
  async function classify({ at = 'token', status, headers, body }: Specimen): Promise<Failure> {
    const client = clients({ providerId: id, clientId: '', accountId: 'acme' });
    if (!client) throw new Error(`${id} has no client`);
    const { call, method = 'GET' } = client.provider.identity;
    const { endpoints } = client.provider;
    const url = new URL(
      (at === 'token' ? endpoints?.token : call === 'userinfo' ? endpoints?.userinfo : call) ?? '',
    );
    const route = `${at === 'token' ? 'POST' : method} ${url.pathname.slice(1)}`;
    fake.answerNext(route, { status, headers, body });
    const word = await askProvider(
      client,
      {
        ...{ fence: 1n, attempt: 1, sentTokenHash: '', clientId: '', providerId: id },
        ...{ accountId: 'acme', accessToken: 'at' },
        refreshToken: at === 'token' ? 'rt' : undefined,
      },
      Date.now(),
    );
    if (word.$case !== 'failure') throw new Error(`it was taken for ${word.$case}`);
    return word.value;
  }

  test.each([
    ...specimensOf(id),
    ...everybody,
    ...everybody
      .filter(({ only }) => only === undefined)
      .map((specimen) => ({ ...specimen, at: 'identity' as const })),
  ])('$name', async (specimen) => {
    const failure = await classify(specimen);
    const { class: expected, confirm, certain, reason, resolver } = specimen.expect;
    expect(namesOf(failure.kind)).toEqual({
      class: expected,
      ...(confirm ? { confirm } : {}),
      ...(certain ? { certain } : {}),
    });
    if (reason !== undefined) expect(failure.reasonCode).toBe(reason);
    // The vault asks an administrator exactly where access was blocked (its rules/expiry.ts).
    if (resolver !== undefined) {
      expect(resolver).toBe(failure.reasonCode === 'admin_blocked' ? 'tenant_admin' : 'user');
    }
    const { answerLost, retryAfterSeconds } = specimen.expect;
    if (answerLost && specimen.at !== 'identity') expect(failure.answerLost).toBe(true);
    if (retryAfterSeconds !== undefined) {
      expect(failure.retryAfter?.seconds).toBe(BigInt(retryAfterSeconds));
    }
  });

  test('its specimens hold deaths, faults of ours and trouble, each with a source', () => {
    const specimens = specimensOf(id);
    const classes = new Set(specimens.map((specimen) => specimen.expect.class));
    expect([...classes].sort()).toEqual(['dead', 'operator', 'transient']);
    for (const { source } of specimens) expect(source.url ?? source.unverified).toBeTruthy();
  });
});

function namesOf(kind: Failure['kind']): Specimen['expect'] | undefined {
  switch (kind) {
    case Kind.GRANT_REFUSED:
      return { class: 'dead' };
    case Kind.GRANT_REFUSED_UNCONFIRMED:
      return { class: 'dead', confirm: true };
    case Kind.CLIENT_REFUSED:
      return { class: 'operator' };
    case Kind.CLIENT_MISCONFIGURED:
      return { class: 'operator', certain: true };
    case Kind.TRANSIENT:
      return { class: 'transient' };
    default:
      return undefined;
  }
}
