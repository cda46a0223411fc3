import { createConsumer, type EventLog } from '@credential-renewal/events';
import { NotificationDeliveryServiceService } from '@credential-renewal/proto/notification/v1/deliveries';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { NotificationPreferencesServiceService } from '@credential-renewal/proto/notification/v1/preferences';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { openRpcEndpoint, serve } from '@credential-renewal/rpc';
import {
  type Clock,
  createPeriodic,
  type Logger,
  type ReadinessCheck,
} from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import { deliveryCallers, notificationCallers, preferencesCallers } from './callers.ts';
import type { NotificationConfig } from './config.ts';
import { registerMetrics } from './metrics.ts';
import { consumerGroup } from './notice/consumer-group.ts';
import { createCredentialStateHandler } from './notice/credential-state-handler.ts';
import { createDelays } from './notice/delays.ts';
import { createDrillHandler } from './notice/drill-handler.ts';
import { createEscalations } from './notice/escalations.ts';
import { loadUnsubscribeKey } from './preferences/unsubscribe-key.ts';
import { createUnsubscribeTokens } from './preferences/unsubscribe-token.ts';
import { createDeliveryReports } from './reports/delivery-reports.ts';
import { createRetention } from './retention.ts';
import { createGetMail } from './rpc/get-mail.ts';
import { createListDeliveries } from './rpc/list-deliveries.ts';
import { createListMails } from './rpc/list-mails.ts';
import {
  createDescribeUnsubscribe,
  createGetPreferences,
  createSetPreferences,
  createUnsubscribe,
} from './rpc/preferences-handlers.ts';
import { createReceiveDeliveryReports } from './rpc/receive-delivery-reports.ts';
import { createMailContexts } from './sending/mail-contexts.ts';
import { createMailMetrics } from './sending/mail-metrics.ts';
import { openWayOut } from './sending/open-way-out.ts';
import { createSender } from './sending/sender.ts';
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
const administratorsIntervalMs = 5_000;
const retentionIntervalMs = 3_600_000;

/** The composition root of notification. */
export async function startNotification(
  config: NotificationConfig,
  { clock, logger, metrics, eventLog, random = Math.random }: NotificationDeps,
): Promise<RunningNotification> {
  const rpc = openRpcEndpoint('notification', config.rpc, { logger, metrics });
  const stores = await openNotificationStores(config.store, { clock, logger });
  const { notifications: store, mailbox, preferences } = stores;
  const undo: (() => unknown)[] = [stores.close, rpc.close];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const registry = rpc.connect(SourceRegistryServiceService, config.registryAddress, {
      deadlineMs: registryDeadlineMs,
    });
    undo.push(() => registry.close());
    registerMetrics({ store, clock, metrics });
    const notifier = {
      ...{ store, preferences, clock, logger },
      digestWindowMs: config.digestWindowMs,
      dailyDigestHourUtc: config.dailyDigestHourUtc,
    };
    const tokens =
      config.unsubscribeKeyFile === undefined
        ? undefined
        : createUnsubscribeTokens(await loadUnsubscribeKey(config.unsubscribeKeyFile));
    const { transport, rate, concurrency, readiness, readers } = await openWayOut(config, {
      ...{ store, mailbox, clock, logger, metrics },
      onClose: (close) => undo.push(close),
    });

    const sender = createPeriodic({
      name: 'mail sender',
      intervalMs: sendIntervalMs,
      logger,
      run: createSender({
        ...{ store, preferences, transport, clock, logger, random, rate, concurrency },
        contextOf: createMailContexts(config, tokens),
        metrics: createMailMetrics({ transport: transport.name, clock, metrics }),
      }),
    });
    undo.push(() => sender.stop());

    const escalate = createEscalations({ ...notifier, registry });
    const tellDelays = createDelays({ ...notifier, registry });
    const administratorsTold = createPeriodic({
      name: 'telling administrators',
      intervalMs: administratorsIntervalMs,
      logger,
      async run(signal) {
        await escalate(signal);
        await tellDelays(signal);
        sender.wake();
      },
    });
    undo.push(() => administratorsTold.stop());

    const retention = createPeriodic({
      ...{ name: 'notification retention', intervalMs: retentionIntervalMs, logger },
      run: createRetention({ store, mailbox, clock, retentionMs: config.retentionMs }),
    });
    undo.push(() => retention.stop());

    const handling = { ...notifier, registry, onChanged: sender.wake };
    const handleState = createCredentialStateHandler(handling);
    const handleDrill = createDrillHandler(handling);
    const consumer = await createConsumer({
      eventLog,
      group: consumerGroup,
      inbox: stores.inbox,
      topics: ['credential.state', 'source.drill'],
      ...{ logger, metrics, clock },
      handle: ({ event }) =>
        event.type === 'source.drill' ? handleDrill(event) : handleState(event),
    });
    undo.push(() => consumer.stop());

    const server = await rpc.serve(config.listenAddress, [
      serve(
        NotificationServiceService,
        { listMails: createListMails({ mailbox }), getMail: createGetMail({ mailbox }) },
        notificationCallers,
      ),
      serve(
        NotificationPreferencesServiceService,
        {
          getPreferences: createGetPreferences({ preferences, tokens }),
          setPreferences: createSetPreferences({ preferences, tokens }),
          describeUnsubscribe: createDescribeUnsubscribe({ preferences, tokens }),
          unsubscribe: createUnsubscribe({ preferences, tokens }),
        },
        preferencesCallers,
      ),
      serve(
        NotificationDeliveryServiceService,
        {
          listDeliveries: createListDeliveries({ store }),
          receiveDeliveryReports: createReceiveDeliveryReports({
            ...{ readers, metrics, logger },
            apply: createDeliveryReports({
              ...{ store, preferences, reports: stores.reports, logger },
              onChanged: sender.wake,
            }),
          }),
        },
        deliveryCallers,
      ),
    ]);
    undo.push(() => server.stop());
    const checks = { store: stores.problem, ...readiness, ...rpc.readiness };
    return { address: server.address, readiness: checks, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
