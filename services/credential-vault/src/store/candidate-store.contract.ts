import { afterEach, beforeEach, expect, test } from 'vitest';
import { sampleTokens, sealedUnder, startMs } from '../testing/sample.ts';
import type { Candidate, CandidateStore } from './candidate-store.ts';
import type { EmptyVault } from './vault-stores.contract.ts';

function storedCandidate(overrides: Partial<Candidate>): Candidate {
  return {
    transactionId: 'transaction',
    accountId: 'acme',
    credentialId: undefined,
    newCredentialId: 'credential',
    tokens: sampleTokens('candidate', startMs),
    grantedScopes: ['files.read'],
    createdAtMs: startMs,
    settled: undefined,
    ...overrides,
  };
}

/** What `candidate-store.ts` promises, for any engine. */
export function candidateStoreContract(makeEmpty: () => Promise<EmptyVault>): void {
  let candidates: CandidateStore;
  let dispose: () => Promise<void>;
  beforeEach(async () => {
    const vault = await makeEmpty();
    const stores = await vault.open();
    candidates = stores.candidates;
    dispose = async () => {
      await stores.close();
      await vault.dispose();
    };
  });
  afterEach(() => dispose());
  const put = (transactionId: string, createdAtMs = startMs) =>
    candidates.put(storedCandidate({ transactionId, createdAtMs }));
  const installed = { kind: 'installed', credentialId: 'c', joined: false } as const;

  test('a candidate comes back as it was stored, and the first of a transaction stays', async () => {
    await put('t');
    await candidates.put(storedCandidate({ transactionId: 't', accountId: 'another' }));
    expect(await candidates.find('t')).toEqual(storedCandidate({ transactionId: 't' }));
    expect(await candidates.find('nobody')).toBeUndefined();
  });

  test('a settled candidate keeps its outcome, and its tokens are gone', async () => {
    await put('t');
    await candidates.settle('t', installed);
    const settled = await candidates.find('t');
    expect(settled?.settled).toEqual(installed);
    expect(settled?.tokens).toBeUndefined();
    await candidates.settle('nobody', installed);
    expect(await candidates.find('nobody')).toBeUndefined();
  });

  test('only an open candidate can be dropped: the answer of a settled one may be asked for again', async () => {
    await put('open');
    await put('over');
    await candidates.settle('over', installed);
    await candidates.drop('open');
    await candidates.drop('over');
    expect(await candidates.find('open')).toBeUndefined();
    expect(await candidates.find('over')).toBeDefined();
  });

  test('open ones of before are listed oldest first, up to the limit', async () => {
    await put('late', startMs + 2);
    await put('early', startMs);
    await put('middle', startMs + 1);
    await put('future', startMs + 9);
    await put('over', startMs);
    await candidates.settle('over', installed);
    expect(await candidates.listOpen(startMs + 2, 10)).toEqual(['early', 'middle', 'late']);
    expect(await candidates.listOpen(startMs + 2, 2)).toEqual(['early', 'middle']);
  });

  test('open ones with a token under an older data key are counted, to a limit', async () => {
    const sealed = sealedUnder('key-1');
    const tokens = sampleTokens('any', startMs, { accessToken: sealed, refreshToken: sealed });
    for (const transactionId of ['one', 'two', 'over'])
      await candidates.put(storedCandidate({ transactionId, tokens }));
    await candidates.settle('over', installed);
    expect(await candidates.countOlderDataKey('key-1', 10)).toBe(0);
    expect(await candidates.countOlderDataKey('key-2', 10)).toBe(2);
    expect(await candidates.countOlderDataKey('key-2', 1)).toBe(1);
  });

  test('what was made before a moment is removed, settled or not', async () => {
    await put('old');
    await put('over');
    await candidates.settle('over', installed);
    await put('new', startMs + 1);
    await candidates.prune(startMs + 1);
    expect(await candidates.find('old')).toBeUndefined();
    expect(await candidates.find('over')).toBeUndefined();
    expect(await candidates.find('new')).toBeDefined();
  });
}
