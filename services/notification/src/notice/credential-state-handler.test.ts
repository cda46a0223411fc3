import { EventUnreadableError } from '@credential-renewal/events';
import {
  Actor_Kind,
  CredentialStatus,
  Resolver,
} from '@credential-renewal/proto/events/v1/credential';
import { Recipient_Why } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { DomainError } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import {
  ann,
  describe,
  makeEvent,
  makeHealthy,
  makeState,
  makeTombstone,
  sourceUse,
} from '../testing/fixtures.ts';
import { startLoop, windowMs } from '../testing/start-loop.ts';

const bob = {
  userId: 'user-bob',
  name: 'Bob',
  email: 'bob@example.com',
  why: Recipient_Why.SHARED,
};

function oneSource(credentialId: string) {
  return describe(sourceUse(`source-of-${credentialId}`));
}

/** The death of credential `number` in episode `number`. */
function death(number: number, changes: Parameters<typeof makeState>[0] = {}) {
  return makeEvent(
    makeState({
      credentialId: `credential-${number}`,
      episodeId: `episode-${number}`,
      ...changes,
    }),
  );
}

test('an event delivered 100 times, also at the same time, makes one mail', async () => {
  const loop = await startLoop(oneSource);
  const event = makeEvent(makeState());
  await Promise.all(Array.from({ length: 50 }, () => loop.handle(event)));
  await loop.send();
  for (let times = 0; times < 50; times++) await loop.handle(event);
  await loop.send();
  expect(await loop.mails()).toHaveLength(1);
});

test('each recipient is told once, and several sources of one person stand in one mail', async () => {
  const loop = await startLoop(() =>
    describe(sourceUse('one'), sourceUse('two'), sourceUse('three', [bob])),
  );
  await loop.handle(makeEvent(makeState()));
  await loop.send();
  const mails = await loop.mails();
  expect(mails.map((mail) => mail.to.address).sort()).toEqual([
    'ann@example.com',
    'bob@example.com',
  ]);
  const toAnn = mails.find((mail) => mail.to.address === 'ann@example.com');
  expect(toAnn?.text).toContain('Name of one');
  expect(toAnn?.text).toContain('Name of two');
  expect(toAnn?.text).not.toContain('Name of three');
  expect(toAnn?.text + (toAnn?.html ?? '')).not.toContain('bob@example.com');
});

test('missing permissions are told like an expiry', async () => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState({ status: CredentialStatus.INSUFFICIENT_SCOPE })));
  await loop.send();
  const [mail] = await loop.mails();
  expect(mail?.subject).toBe('Credentials expired in source');
  expect(mail?.text).toContain('lack permissions');
});

test('a renewal with too few permissions in the same episode mails nobody again', async () => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState()));
  await loop.send();
  await loop.handle(
    makeEvent(makeState({ version: 3n, status: CredentialStatus.INSUFFICIENT_SCOPE })),
  );
  await loop.send();
  expect(await loop.mails()).toHaveLength(1);
});

test.each([
  ['trouble of the operator', { reason: { resolver: Resolver.OPERATOR } }],
  ['a delay', { status: CredentialStatus.DELAYED }],
  ['a death without an episode', { episodeId: undefined }],
  ['a warning', { status: CredentialStatus.EXPIRING, episodeId: undefined }],
])('%s mails nobody', async (_, changes) => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState(changes)));
  await loop.send();
  expect(await loop.mails()).toEqual([]);
  expect(loop.registryCalls).toEqual([]);
});

test('a renewal before the mail went out cancels it, and nobody hears of either', async () => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState()));
  await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM)));
  await loop.send();
  expect(await loop.mails()).toEqual([]);
  expect(await loop.store.count()).toEqual([
    { kind: 'expired', state: 'cancelled', count: 1 },
    { kind: 'reminder', state: 'cancelled', count: 3 },
  ]);
});

test('a renewal takes its part out of a waiting digest', async () => {
  const loop = await startLoop(oneSource);
  for (const number of [1, 2, 3, 4, 5]) await loop.handle(death(number));
  await loop.send();
  await loop.handle(makeEvent(makeHealthy(Actor_Kind.USER, { credentialId: 'credential-4' })));
  loop.clock.advance(windowMs);
  await loop.send();
  const mails = await loop.mails();
  expect(mails.map((mail) => [mail.kind, mail.episodeIds])).toEqual([
    ['expired', ['episode-1']],
    ['expired', ['episode-2']],
    ['digest', ['episode-3', 'episode-5']],
  ]);
  expect(mails[2]?.text).not.toContain('source-of-credential-4');
});

test('a digest of which one part is left is an ordinary mail, and one of none is no mail', async () => {
  const loop = await startLoop(oneSource);
  for (const number of [1, 2, 3, 4]) await loop.handle(death(number));
  await loop.send();
  await loop.handle(makeTombstone('credential-3'));
  loop.clock.advance(windowMs);
  await loop.send();
  expect((await loop.mails()).map((mail) => mail.kind)).toEqual(['expired', 'expired', 'expired']);

  for (const number of [11, 12, 13]) await loop.handle(death(number));
  await loop.send();
  await loop.handle(makeTombstone('credential-13'));
  loop.clock.advance(windowMs);
  await loop.send();
  expect(await loop.mails()).toHaveLength(5);
});

test('who was told of an episode that ended by itself is told once that there is nothing to do', async () => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState()));
  await loop.send();
  for (let times = 0; times < 5; times++) {
    await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM)));
  }
  await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM, { version: 4n })));
  await loop.send();
  const mails = await loop.mails();
  expect(mails.map((mail) => mail.subject)).toEqual([
    'Credentials expired in source',
    'Credentials work again in source',
  ]);
  expect(mails[1]?.text).toContain('There is nothing to do for you.');
});

test.each([
  ['a renewal by a person', makeEvent(makeHealthy(Actor_Kind.USER))],
  [
    'a disconnect',
    makeEvent(makeHealthy(Actor_Kind.SYSTEM, { status: CredentialStatus.REVOKING })),
  ],
  ['the end of the credential', makeTombstone('credential-1')],
])('after %s no second mail comes, whatever states follow', async (_, end) => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState()));
  await loop.send();
  await loop.handle(end);
  await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM, { version: 9n })));
  await loop.send();
  expect(await loop.mails()).toHaveLength(1);
});

test('good news that is no longer true when it is due is not sent', async () => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState()));
  await loop.send();
  await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM)));
  await loop.handle(makeEvent(makeState({ version: 4n, episodeId: 'episode-2' })));
  await loop.send();
  expect((await loop.mails()).map((mail) => mail.episodeIds)).toEqual([
    ['episode-1'],
    ['episode-2'],
  ]);
});

test('a new episode of the same credential is told again and ends the old one', async () => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState()));
  await loop.handle(makeEvent(makeState({ version: 3n, episodeId: 'episode-2' })));
  await loop.send();
  expect((await loop.mails()).map((mail) => mail.episodeIds)).toEqual([['episode-2']]);
});

test('an older state changes nothing, neither by opening nor by closing an episode', async () => {
  const loop = await startLoop(oneSource);
  await loop.handle(makeEvent(makeState({ version: 7n })));
  await loop.handle(makeEvent(makeHealthy(Actor_Kind.USER, { version: 6n })));
  await loop.send();
  expect(await loop.mails()).toHaveLength(1);

  await loop.handle(makeEvent(makeHealthy(Actor_Kind.USER, { version: 8n })));
  await loop.handle(makeEvent(makeState({ version: 7n, episodeId: 'episode-0' })));
  await loop.handle(makeTombstone('credential-1'));
  await loop.handle(makeEvent(makeState({ version: 9n, episodeId: 'episode-9' })));
  await loop.send();
  expect(await loop.mails()).toHaveLength(1);
});

test('a recipient without a usable address is written down as failed, and the others are told', async () => {
  const loop = await startLoop(() =>
    describe(
      sourceUse('one', [{ ...ann, email: '' }]),
      sourceUse('two', [{ ...bob, email: 'bob@example.com\r\nBcc: eve@example.com' }]),
      sourceUse('three', [{ ...bob, userId: 'user-cem', email: 'cem@example.com' }]),
    ),
  );
  await loop.handle(makeEvent(makeState()));
  await loop.send();
  expect((await loop.mails()).map((mail) => mail.to.address)).toEqual(['cem@example.com']);
  expect(await loop.store.count()).toContainEqual({ kind: 'expired', state: 'failed', count: 2 });
  expect(loop.lines.map((line) => line['failure']).filter(Boolean)).toEqual([
    'address_missing',
    'address_unusable',
  ]);
  expect(JSON.stringify(loop.lines)).not.toContain('@example.com');
});

test('while the registry cannot answer the event fails, and handled again it is told once', async () => {
  let down = true;
  const loop = await startLoop((credentialId) => {
    if (down) throw new DomainError('unavailable', 'STORE_UNAVAILABLE', 'not now');
    return oneSource(credentialId);
  });
  const refusal = loop.handle(makeEvent(makeState()));
  await expect(refusal).rejects.toMatchObject({ kind: 'unavailable' });
  down = false;
  await loop.handle(makeEvent(makeState()));
  await loop.send();
  expect(await loop.mails()).toHaveLength(1);
});

test('an event of another schema is told apart as unreadable', async () => {
  const loop = await startLoop(oneSource);
  const event = { ...makeEvent(makeState()), dataschema: 'credential-renewal:events.v2.Other' };
  await expect(loop.handle(event)).rejects.toThrow(EventUnreadableError);
});
