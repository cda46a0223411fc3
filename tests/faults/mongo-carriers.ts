import { randomUUID } from 'node:crypto';
import { buildEvent } from '@credential-renewal/events';
import {
  mongoOutbox,
  outboxFields,
  outboxIndex,
  withEvents,
} from '@credential-renewal/events/mongo';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import {
  connectMongo,
  ensureIndexes,
  type MongoDatabase,
  openDocuments,
} from '@credential-renewal/storage/mongo';
import { expect, onTestFinished } from 'vitest';

/** A document that carries its events, as those of the services do. Each change of it is one event. */
type Carrier = { changes: number; name: string };

const deps = {
  service: 'test',
  clock: systemClock,
  logger: createLogger({ service: 'test', level: 'silent' }),
};

/** `url` without a database, and perhaps with a user and options. */
export function settingsFor(url: string, name: string): MongoSettings {
  const [, servers = '', options = ''] = /^([^?]*\/\/[^/?]+)\/?(\?.*)?$/.exec(url) ?? [];
  return { engine: 'mongodb', url: `${servers}/${name}${options}`, poolSize: 10 };
}

function carriersIn(database: MongoDatabase, budgetMs?: number) {
  const carriers = openDocuments<Carrier>({
    ...{ database, name: 'carriers', schemaVersion: 1 },
    fields: { name: String, ...outboxFields },
    fieldsOf: ({ name }) => ({ name }),
    budgetMs,
  });
  const add = (id: string, name = id) => carriers.insert(id, { changes: 0, name });
  const change = (id: string) =>
    carriers.update(id, (carrier) => {
      const changes = carrier.changes + 1;
      return { document: { ...carrier, changes }, effects: withEvents([eventOf(id, changes)]) };
    });
  return { database, carriers, add, change, outbox: mongoOutbox(carriers, systemClock) };
}

/** The same collection through each of the URLs: the first one meets the faults, the last one tells what is so. */
export async function openCarriers(urls: readonly [string, string], budgetMs?: number) {
  const name = `faults-${randomUUID()}`;
  const open = async (url: string) => {
    const database = await connectMongo(settingsFor(url, name), deps);
    return carriersIn(database, budgetMs);
  };
  const faulty = await open(urls[0]);
  const direct = await open(urls[1]);
  onTestFinished(async () => {
    await faulty.database.close();
    await direct.database.drop();
    await direct.database.close();
  });
  await ensureIndexes(direct.database, 'carriers', [
    outboxIndex,
    { name: 'name', key: { name: 1 }, unique: true },
  ]);

  /** So many changes have happened, each once, and each with its event. */
  async function expectChanges(id: string, changes: number): Promise<void> {
    const found = await direct.carriers.find(id);
    const events = (found?.['outbox'] ?? []) as { event: { sequence: string } }[];
    expect({
      changes: found?.document.changes,
      version: found?.version,
      events: events.map(({ event }) => Number(event.sequence)),
    }).toEqual({
      changes,
      version: changes + 1,
      events: Array.from({ length: changes }, (_, index) => index + 1),
    });
  }
  return { faulty, direct, expectChanges };
}

function eventOf(id: string, sequence: number) {
  return buildEvent({
    ...{ source: '/test', topic: 'credential.expired', schema: 'CredentialExpired' },
    ...{ subject: id, key: id, sequence, data: { credentialId: id } },
    nowMs: systemClock.nowMs(),
  });
}
