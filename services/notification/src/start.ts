import { createConsumer, type EventLog } from '@credential-renewal/events';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { openRpcEndpoint, serve } from '@credential-renewal/rpc';
import {
  type Clock,
  createPeriodic,
  type Logger,
  type ReadinessCheck,
} from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import { notificationCallers } from './callers.ts';
import type { NotificationConfig } from './config.ts';
import { consumerGroup } from './consumer-group.ts';
import { createCredentialStateHandler } from './credential-state-handler.ts';
import { createMailboxTransport } from './mailbox-transport.ts';
import { registerMetrics } from './metrics.ts';
import { createGetMail } from './rpc/get-mail.ts';
import { createListMails } from './rpc/list-mails.ts';
import { createSender } from './sender.ts';
import { openNotificationStores } from './store/open-notification-stores.ts';

export type NotificationDeps = {
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  eventLog: EventLog;
  random?: () => number;
};

export type RunningNotification = {
  /** Where it listens; with port 0, the port that was given. */
  address: string;
  readiness: Record<string, ReadinessCheck>;
  /** Finishes running calls, the running event and the running mail, then closes the store. */
  stop(): Promise<void>;
};

const registryDeadlineMs = 5_000;
/** How late a mail can be when the clock was moved; otherwise the sender is woken or knows when the next is due. */
const sendIntervalMs = 1_000;

/** The composition root of notification. */
export async function startNotification(
  config: NotificationConfig,
  { clock, logger, metrics, eventLog, random = Math.random }: NotificationDeps,
): Promise<RunningNotification> {
  const rpc = openRpcEndpoint('notification', config.rpc, { logger, metrics });
  const stores = await openNotificationStores(config.store, { clock, logger });
  const { notifications: store, mailbox } = stores;
  const undo: (() => unknown)[] = [stores.close, rpc.close];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const registry = rpc.connect(SourceRegistryServiceService, config.registryAddress, {
      deadlineMs: registryDeadlineMs,
    });
    undo.push(() => registry.close());
    const measured = registerMetrics({ store, clock, metrics });

    const sender = createPeriodic({
      name: 'mail sender',
      intervalMs: sendIntervalMs,
      logger,
      run: createSender({
        store,
        transport: createMailboxTransport({ mailbox, clock }),
        clock,
        logger,
        random,
        metrics: measured,
        context: {
          publicUrl: config.publicUrl,
          productName: config.productName,
          from: config.mailFrom,
        },
      }),
    });
    undo.push(() => sender.stop());

    const handle = createCredentialStateHandler({
      store,
      registry,
      clock,
      logger,
      digestWindowMs: config.digestWindowMs,
      onChanged: sender.wake,
    });
    const consumer = await createConsumer({
      eventLog,
      group: consumerGroup,
      inbox: stores.inbox,
      topics: ['credential.state'],
      ...{ logger, metrics, clock },
      handle: ({ event }) => handle(event),
    });
    undo.push(() => consumer.stop());

    const server = await rpc.serve(config.listenAddress, [
      serve(
        NotificationServiceService,
        { listMails: createListMails({ mailbox }), getMail: createGetMail({ mailbox }) },
        notificationCallers,
      ),
    ]);
    undo.push(() => server.stop());
    const readiness = { store: stores.problem, ...rpc.readiness };
    return { address: server.address, readiness, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
