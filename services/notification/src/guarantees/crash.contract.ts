import { Actor_Kind } from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import type { MailTransport } from '../sending/mail-transport.ts';
import type { MakeEmptyStores } from '../testing/empty-stores.ts';
import { describe, makeEvent, makeHealthy, makeState, sourceUse } from '../testing/fixtures.ts';
import { startLoop, windowMs } from '../testing/start-loop.ts';

function oneSource(credentialId: string) {
  return describe(sourceUse(`source-of-${credentialId}`));
}

const died = [1, 2, 3, 4].map((number) =>
  makeEvent(makeState({ credentialId: `credential-${number}`, episodeId: `episode-${number}` })),
);

/** What must be true of the handler, the sender and the stores together, on any engine. */
export function crashContract(makeEmpty: MakeEmptyStores): void {
  test('a process that ends after any step, with every event redelivered, neither loses nor doubles a mail', async () => {
    const loop = await startLoop(oneSource, { makeEmpty });
    for (const event of died) {
      await loop.handle(event);
      await loop.reopen();
      await loop.handle(event);
      await loop.send();
      await loop.reopen();
      await loop.send();
    }
    loop.clock.advance(windowMs);
    await loop.reopen();
    await loop.send();
    await loop.reopen();
    for (const event of died) await loop.handle(event);
    await loop.send();
    expect((await loop.mails()).map((mail) => mail.episodeIds)).toEqual([
      ['episode-1'],
      ['episode-2'],
      ['episode-3', 'episode-4'],
    ]);
  });

  test('a crash right after the mail was written finds it sent', async () => {
    const loop = await startLoop(oneSource, { makeEmpty, wrapTransport: failing('after', 1) });
    await loop.handle(makeEvent(makeState()));
    // The sender sees a failure although the transaction went through, as a process that dies there would.
    await loop.send();
    await loop.reopen();
    await loop.send();
    loop.clock.advance(3_600_000);
    await loop.send();
    expect(await loop.mails()).toHaveLength(1);
  });

  test('a transport that fails is tried again later, and the mail goes out once', async () => {
    const loop = await startLoop(oneSource, { makeEmpty, wrapTransport: failing('before', 3) });
    await loop.handle(makeEvent(makeState()));
    const waits: (number | undefined)[] = [];
    for (let tries = 0; tries < 4; tries++) {
      const waitMs = await loop.send();
      waits.push(waitMs);
      loop.clock.advance(waitMs ?? 0);
    }
    expect(waits.slice(0, 3)).toEqual([3_750, 7_500, 15_000]);
    expect(await loop.mails()).toHaveLength(1);
  });

  test('one mail that cannot go does not hold up another', async () => {
    const loop = await startLoop(oneSource, {
      makeEmpty,
      wrapTransport: (transport) => ({
        name: transport.name,
        deliver: (mail, parts) =>
          mail.episodeIds.includes('episode-1')
            ? Promise.reject(new Error('refused'))
            : transport.deliver(mail, parts),
      }),
    });
    for (const event of died.slice(0, 2)) await loop.handle(event);
    await loop.send();
    expect((await loop.mails()).map((mail) => mail.episodeIds)).toEqual([['episode-2']]);
  });

  test('a consumer that was overtaken by the end of the episode while it asked the registry tells nobody', async () => {
    let meanwhile = async () => {};
    const answer = async (credentialId: string) => {
      await meanwhile();
      return oneSource(credentialId);
    };
    const loop = await startLoop(answer, { makeEmpty });
    meanwhile = () => loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM)));
    await loop.handle(makeEvent(makeState()));
    await loop.send();
    expect(await loop.mails()).toEqual([]);
    expect(await loop.store.count()).toEqual([
      { kind: 'expired', state: 'cancelled', count: 1 },
      { kind: 'reminder', state: 'cancelled', count: 3 },
    ]);
  });

  test('a cancel that comes between reading and delivering wins, and nothing is sent', async () => {
    let cancel = async () => {};
    const loop = await startLoop(oneSource, {
      makeEmpty,
      wrapTransport: (transport) => ({
        name: transport.name,
        async deliver(mail, parts) {
          await cancel();
          return transport.deliver(mail, parts);
        },
      }),
    });
    cancel = () => loop.handle(makeEvent(makeHealthy(Actor_Kind.USER)));
    await loop.handle(makeEvent(makeState()));
    await loop.send();
    expect(await loop.mails()).toEqual([]);
  });
}

/** Throws in the first `times` deliveries, before or after the real one. */
function failing(when: 'before' | 'after', times: number) {
  let left = times;
  return (transport: MailTransport): MailTransport => ({
    name: transport.name,
    async deliver(mail, parts) {
      const fails = left-- > 0;
      if (fails && when === 'before') throw new Error('unreachable');
      const outcome = await transport.deliver(mail, parts);
      if (fails) throw new Error('connection lost');
      return outcome;
    },
  });
}
