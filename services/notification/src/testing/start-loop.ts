import type { CloudEvent } from '@credential-renewal/events';
import type { DescribeCredentialUsesResponse } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient } from '@credential-renewal/rpc';
import { createTokenBucket, runWithTrace } from '@credential-renewal/runtime';
import { onTestFinished } from 'vitest';
import { createCredentialStateHandler } from '../notice/credential-state-handler.ts';
import { createDelays } from '../notice/delays.ts';
import { createEscalations } from '../notice/escalations.ts';
import { createDeliveryReports } from '../reports/delivery-reports.ts';
import { createHandoverTransport } from '../sending/handover-transport.ts';
import type { MailTransport } from '../sending/mail-transport.ts';
import { createMailboxTransport } from '../sending/mailbox-transport.ts';
import { createSender } from '../sending/sender.ts';
import type { DeliveryReport } from '../transports/delivery-report.ts';
import type { MailHandover } from '../transports/mail-handover.ts';
import { mailContext } from './deliveries.ts';
import { emptySqliteStores, type MakeEmptyStores } from './empty-stores.ts';
import { startMs } from './fixtures.ts';
import { recordingLogger, standingClock, startFakeRegistry } from './start-room.ts';

export const windowMs = 900_000;
export const handoverTimes = { timeoutMs: 30_000, replyTimeoutMs: 300_000, reportWaitMs: 600_000 };

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
    /** Mails go out by it, and not into the mailbox. */
    handover?: MailHandover;
    perSecond?: number;
    concurrency?: number;
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
    const { notifications: store, mailbox, preferences, reports, close } = await empty.open();
    const notifier = { store, preferences, clock, logger, digestWindowMs: windowMs };
    const deps = { ...notifier, registry, dailyDigestHourUtc: 6 };
    const handle = createCredentialStateHandler({ ...deps, onChanged: () => undefined });
    const escalate = createEscalations(deps);
    const tellDelays = createDelays(deps);
    const { handover } = options;
    const sender = {
      ...{ store, preferences, clock, logger, random: () => 0.5 },
      contextOf: () => mailContext,
      concurrency: options.concurrency,
    };
    const makeSender = () =>
      createSender({
        ...sender,
        rate: options.perSecond
          ? createTokenBucket({ perSecond: options.perSecond, clock })
          : undefined,
        transport: wrapTransport(
          handover
            ? createHandoverTransport({ handover, store, clock, logger, ...handoverTimes })
            : createMailboxTransport({ mailbox, clock }),
        ),
      });
    const applyReports = createDeliveryReports({
      ...{ store, preferences, reports, logger },
      onChanged: () => undefined,
    });
    const send = makeSender();
    return {
      store,
      mailbox,
      preferences,
      handle,
      send,
      makeSender,
      escalate,
      tellDelays,
      applyReports,
      close,
    };
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
    /** Of another replica. */
    anotherSender: () => opened.makeSender(),
    tellAdministrators: async () => {
      await opened.escalate();
      await opened.tellDelays();
    },
    applyReports: (...reports: DeliveryReport[]) => opened.applyReports(reports),
    get preferences() {
      return opened.preferences;
    },
    /** Oldest first. */
    mails: async () =>
      (await opened.mailbox.list({ to: undefined, after: undefined, limit: 1_000 })).reverse(),
    async reopen() {
      await opened.close();
      opened = await open();
    },
  };
}
