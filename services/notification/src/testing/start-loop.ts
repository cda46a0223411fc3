import type { CloudEvent } from '@credential-renewal/events';
import type { DescribeCredentialUsesResponse } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient } from '@credential-renewal/rpc';
import { runWithTrace } from '@credential-renewal/runtime';
import { onTestFinished } from 'vitest';
import { createCredentialStateHandler } from '../credential-state-handler.ts';
import type { MailTransport } from '../mail-transport.ts';
import { createMailboxTransport } from '../mailbox-transport.ts';
import { createSender } from '../sender.ts';
import { emptySqliteStores, type MakeEmptyStores } from './empty-stores.ts';
import { startMs } from './fixtures.ts';
import { recordingLogger, standingClock, startFakeRegistry } from './start-room.ts';

export const windowMs = 900_000;

/**
 * The handler and the sender over a real store and a real gRPC registry, stepped by the test: `handle(event)`,
 * `send()`, and `reopen()`, which ends the process' memory and opens the same data again.
 */
export async function startLoop(
  answer: (
    credentialId: string,
  ) => DescribeCredentialUsesResponse | Promise<DescribeCredentialUsesResponse>,
  options: {
    makeEmpty?: MakeEmptyStores;
    wrapTransport?: (transport: MailTransport) => MailTransport;
  } = {},
) {
  const clock = standingClock(startMs);
  const { logger, lines } = recordingLogger();
  const fake = await startFakeRegistry(({ credentialId }) => answer(credentialId));
  const registry = createRpcClient(SourceRegistryServiceService, fake.address, {
    deadlineMs: 5_000,
  });
  onTestFinished(() => registry.close());
  const { makeEmpty = emptySqliteStores, wrapTransport = (transport) => transport } = options;
  const empty = await makeEmpty({ clock, logger });
  onTestFinished(() => empty.dispose());

  async function open() {
    const { notifications: store, mailbox, close } = await empty.open();
    const deps = { store, registry, clock, logger };
    const handle = createCredentialStateHandler({
      ...deps,
      digestWindowMs: windowMs,
      onChanged: () => undefined,
    });
    const send = createSender({
      ...deps,
      transport: wrapTransport(createMailboxTransport({ mailbox, clock })),
      random: () => 0.5,
      context: {
        publicUrl: new URL('https://app.example'),
        productName: 'Credential Renewal',
        from: { name: 'Credential Renewal', address: 'no-reply@app.example' },
      },
    });
    return { store, mailbox, handle, send, close };
  }

  let opened = await open();
  onTestFinished(() => opened.close());
  return {
    clock,
    lines,
    registryCalls: fake.calls,
    get store() {
      return opened.store;
    },
    handle(event: CloudEvent) {
      // Ids made in different milliseconds sort in the order they were made.
      clock.advance(1);
      return runWithTrace(event.traceparent, () => opened.handle(event));
    },
    send: () => opened.send(),
    /** Oldest first. */
    mails: async () =>
      (await opened.mailbox.list({ to: undefined, after: undefined, limit: 1_000 })).reverse(),
    async reopen() {
      await opened.close();
      opened = await open();
    },
  };
}
