import {
  DescribeCredentialUsesResponse,
  Recipient_Why,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { durationFromMs } from '@credential-renewal/rpc';
import { creatorOf, sourceName } from './storm-people.ts';
import type { StormWorld } from './storm-world.ts';

const accounts = 20;
/** Whose client works on while the others' credentials are dead: more accounts than those. */
const bystanders = 30;
export const policy = {
  ...{ providerId: 'storm', providerName: 'Storm', clientId: 'our-client', rotates: true },
  ...{ rotationGrace: undefined, identityCheckInterval: undefined },
};

export const tokenLifeMs = 3_600_000;

export const tokenSet = (name: string) => ({
  ...{ accessToken: `access-${name}`, refreshToken: `refresh-${name}`, scopes: ['files.read'] },
  ...{ expiresIn: durationFromMs(tokenLifeMs), refreshExpiresIn: undefined, kept: {} },
  refreshLifeAbsolute: false,
});

/** The ids of so many credentials, each of one source. */
export async function authorizeSources(world: StormWorld, count: number): Promise<string[]> {
  const ids: string[] = [];
  await forAll(count, async (number) => {
    const accountId = `account-${creatorOf(number) % accounts}`;
    ids[number] = await authorize(world, { name: `grant-${number}`, accountId });
  });
  return ids;
}

/** What the registry knows of the credential of a source. */
export function usesOfSource(number: number): DescribeCredentialUsesResponse {
  const person = creatorOf(number);
  const recipient = {
    ...{ userId: `user-${person}`, name: `Person ${person}`, why: Recipient_Why.CREATOR },
    email: `person-${person}@app.example`,
  };
  return DescribeCredentialUsesResponse.fromPartial({
    uses: [
      {
        use: { $case: 'source', value: { id: `source-${number}`, name: sourceName(number) } },
        ...{ connectorName: 'Storm Drive', recipients: [recipient] },
      },
    ],
  });
}

/** Ids of credentials of other accounts at the same provider. */
export async function makeBystanders(world: StormWorld): Promise<string[]> {
  const ids: string[] = [];
  await forAll(bystanders, async (number) => {
    const name = `bystander-${number}`;
    ids[number] = await authorize(world, { name, accountId: name });
  });
  return ids;
}

async function authorize(
  { vault }: StormWorld,
  { name, accountId }: { name: string; accountId: string },
): Promise<string> {
  await vault.storeCandidate({
    ...{ transactionId: name, accountId, credentialId: undefined, tokens: tokenSet(name) },
  });
  const { outcome } = await vault.commitCandidate({
    ...{ transactionId: name, policy, actor: undefined, switchIdentity: false },
    ...{ requiredScopes: ['files.read'], grantedScopes: ['files.read'], missingScopes: [] },
    identity: { kind: 'user', key: name, maskedLabel: 'a•••' },
  });
  if (outcome?.$case !== 'installed') throw new Error(`${name}: ${outcome?.$case}`);
  return outcome.value.state?.credentialId ?? '';
}

const atATime = 32;

/** Does the work for each number below `count`, a few at a time. */
export async function forAll(
  count: number,
  work: (number: number) => Promise<unknown>,
): Promise<void> {
  const numbers = Array(count).keys();
  const lane = async () => {
    for (const number of numbers) await work(number);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}
