import { randomUUID } from 'node:crypto';
import {
  type Clock,
  createLogger,
  type ShiftableClock,
  systemClock,
} from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import {
  connectMongo,
  type MongoDocuments,
  type MongoSchema,
  migrate,
} from '@credential-renewal/storage/mongo';
import { expect, onTestFinished } from 'vitest';
import { createMailClaims } from '../store/mongo-mail-claims.ts';
import { createMongoMailboxStore } from '../store/mongo-mailbox-store.ts';
import { openDeliveryDocuments } from '../store/mongo-notification-documents.ts';
import { notificationSchema } from '../store/mongo-notification-schema.ts';
import { createMongoNotificationStore } from '../store/mongo-notification-store.ts';
import { createMongoPreferencesStore } from '../store/mongo-preferences-store.ts';
import { openNotificationStores } from '../store/open-notification-stores.ts';
import { type DeliveryStores, deliver } from './deliveries.ts';
import type { MakeEmptyStores } from './empty-stores.ts';
import type { Fault } from './fault-windows.ts';
import { makeNotification } from './fixtures.ts';

/** The server of the test run; empty where there is none. */
export const testServer = process.env['TEST_MONGODB_URL'] ?? '';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

/** A migrated database of its own. */
export async function makeDatabase(schema: MongoSchema = notificationSchema) {
  const settings: MongoSettings = {
    ...{ engine: 'mongodb', poolSize: 20 },
    // The server's may have options.
    url: testServer.replace(/\/?(\?|$)/, `/notification-${randomUUID()}$1`),
  };
  const admin = await connectMongo(settings, { service: 'test', ...deps });
  await migrate(admin, schema, () => undefined);
  return {
    settings,
    admin,
    async dispose() {
      await admin.drop();
      await admin.close();
    },
  };
}

export const emptyMongoStores: MakeEmptyStores = async (of) => {
  const { settings, dispose } = await makeDatabase();
  return { open: () => openNotificationStores(settings, of), dispose };
};

/** Two replicas of notification on one database, each with a connection of its own, and any number of processes on them. */
export async function startReplicas() {
  const { settings, admin, dispose } = await makeDatabase();
  onTestFinished(dispose);
  const connect = () => connectMongo(settings, { service: 'test', ...deps });
  const databases = [await connect(), await connect()] as const;
  onTestFinished(async () => void (await Promise.all(databases.map(({ close }) => close()))));
  let opened = 0;

  /** The stores of a process, in turns on the one replica and the other; `fault` is what it meets. */
  function open(clock: Clock, fault: Fault = (step) => step()): DeliveryStores {
    const database = databases[opened++ % 2 === 0 ? 0 : 1];
    const documents = openDeliveryDocuments(database);
    const notifications = withFault(documents.notifications, fault);
    const mails = withFault(documents.mails, fault);
    const claims = createMailClaims({ notifications, mails, clock });
    return {
      store: createMongoNotificationStore({ database, notifications, claims }),
      mailbox: createMongoMailboxStore({ mails, claims, clock }),
      preferences: createMongoPreferencesStore(database),
    };
  }

  const countWith = (collection: string, field: string) =>
    admin.native(collection).countDocuments({ [field]: { $exists: true } } as object);

  /** No claim is left, and no attempt once it is old. */
  async function expectNoTraces(clock: ShiftableClock): Promise<void> {
    expect(await countWith('notifications', 'claimToken')).toBe(0);
    clock.advance(24 * 3_600_000);
    const last = makeNotification({ id: 'the-last', episodeId: 'the-last' });
    const stores = open(clock);
    await stores.store.create(last);
    expect(await deliver(stores, [last])).toBe(true);
    expect(await countWith('mails', 'pendingSinceMs')).toBe(0);
  }

  return { open, expectNoTraces };
}

function withFault<D>(documents: MongoDocuments<D>, fault: Fault): MongoDocuments<D> {
  const steps = Object.entries(documents).map(([name, step]) => [
    name,
    (...args: never[]) => fault(() => (step as (...args: never[]) => Promise<unknown>)(...args)),
  ]);
  return Object.fromEntries(steps) as MongoDocuments<D>;
}
