import { setTimeout as wait } from 'node:timers/promises';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import type { Registry } from 'prom-client';
import type { StormOutcome } from './run-storm.ts';
import { createStormMails } from './storm-mails.ts';
import { refresh, refuseWhatIsDue } from './storm-provider.ts';
import { authorizeSources, forAll, makeBystanders, usesOfSource } from './storm-sources.ts';
import { startStormWorld } from './storm-world.ts';

/**
 * The numbers of credentials, of mails a second, and of milliseconds of a digest's window. All credentials of a provider die within a minute of the clock, are
 * held, are confirmed, and are told of. Run with `--expose-gc`; prints what came of it as JSON, and how far it has come on the standard error.
 */
const [count = 0, perSecond = 0, digestWindowMs = 0] = process.argv.slice(2).map(Number);
const minuteMs = 60_000;
/** To ask for more often costs more than what it is about. */
const countEveryMs = 500;
const idleMs = 3_000;

const phaseSeconds = new Map<string, { seconds: number; cpuSeconds: number }>();
const mails = createStormMails(count);
const numberOf = new Map<string, number>();
await using world = await startStormWorld(
  { perSecond, digestWindowMs },
  {
    usesOf: (credentialId) => usesOfSource(numberOf.get(credentialId) ?? Number.NaN),
    onMail: (mail) => mails.took(mail, clock.nowMs()),
  },
);
const { clock, vault, eventLog, vaultMetrics, notificationMetrics } = world;

const bystanders = await phase('bystanders', () => makeBystanders(world));
const credentials = await phase('authorizations', () => authorizeSources(world, count));
for (const [number, credentialId] of credentials.entries()) numberOf.set(credentialId, number);
await phase('their states', untilHandled);
// Not yet due by schedule, and too old for who wants one for half an hour.
clock.advance(50 * minuteMs);
const heapBeforeMb = heapMb();

const diedAtMs = clock.nowMs();
await phase('deaths', dieWithinAMinute);
const diedInMs = clock.nowMs() - diedAtMs;
await phase('their delays', untilHandled);
const heapHeldMb = heapMb();
const held = {
  ...{ mails: mails.count(), shareDelayed: await shareDelayed(100) },
  outages: await metric(vaultMetrics, 'credential_vault_outages'),
  outagesBegun: await metric(vaultMetrics, 'credential_vault_outages_total', 'begun'),
};

await phase('confirmation', untilConfirmed);
const confirmedAtMs = clock.nowMs();
await phase('expiries', untilExpired);
const heapWaitingMb = heapMb();

let heapAtATenthMb = 0;
await phase('mails', sendAll);
const heapAfterMb = heapMb();
const outcome: StormOutcome = {
  ...mails.outcome(confirmedAtMs, confirmedAtMs + digestWindowMs),
  ...{ diedInMs, held, told: mails.told() },
  heap: {
    ...{ before: heapBeforeMb, held: heapHeldMb, waiting: heapWaitingMb },
    ...{ atATenth: heapAtATenthMb, after: heapAfterMb },
  },
  phases: Object.fromEntries(phaseSeconds),
};
process.stdout.write(JSON.stringify(outcome));

async function dieWithinAMinute(): Promise<void> {
  const die = async (number: number) => {
    await refresh(world, credentials[number] ?? '', 'refused');
    clock.advance(Math.floor((minuteMs - 1) / count));
  };
  // One after another until a hold can begin, so that it is known who cannot have been held.
  const first = 10;
  for (let number = 0; number < first; number++) await die(number);
  await forAll(count - first, (number) => die(first + number));
}

/** Of so many, evenly chosen, the share that is delayed. */
async function shareDelayed(some: number): Promise<number> {
  const chosen = credentials.filter((_, number) => number % Math.ceil(count / some) === 5);
  const answers = await Promise.all(
    chosen.map((credentialId) => vault.getCredential({ credentialId })),
  );
  return (
    answers.filter(({ state }) => state?.status === CredentialStatus.DELAYED).length / chosen.length
  );
}

/** The client works for more other accounts, and the canaries are refused again, some minutes later. */
async function untilConfirmed(): Promise<void> {
  clock.advance(3 * minuteMs);
  for (const id of bystanders) await refresh(world, id, 'tokens');
  await until(async () => {
    clock.advance(1_000);
    await refuseWhatIsDue(world);
    return (await metric(vaultMetrics, 'credential_vault_outages_total', 'confirmed')) === 1;
  });
}

async function untilExpired(): Promise<void> {
  const made = () => metric(notificationMetrics, 'notification_notifications', 'expired');
  await until(async () => (await made()) === count, countEveryMs);
  await untilHandled();
}

/** The clock goes on by a second as soon as that second's mails are there. */
async function sendAll(): Promise<void> {
  while (mails.told() < count) {
    const enough = mails.count() + perSecond;
    clock.advance(1_000);
    const startedMs = performance.now();
    // Nothing may be due before the digests are.
    await until(
      async () =>
        mails.count() >= enough || mails.told() >= count || performance.now() > startedMs + idleMs,
    );
    if (heapAtATenthMb === 0 && mails.told() >= count / 10) heapAtATenthMb = heapMb();
  }
}

/** Nothing that was published waits for anybody. */
async function untilHandled(): Promise<void> {
  await until(async () => {
    if ((await metric(vaultMetrics, 'credential_vault_outbox_events')) > 0) return false;
    const lags = await Promise.all(
      ['source-registry', 'notification'].map((group) => eventLog.lag(group)),
    );
    return lags.every((lag) => Object.values(lag).every((events) => events === 0));
  });
}

async function until(isSo: () => Promise<boolean>, pollMs = 10): Promise<void> {
  while (!(await isSo())) await wait(pollMs);
}

/** The sum of what a metric has under labels of these values. */
async function metric(from: Registry, name: string, ...labels: string[]): Promise<number> {
  const { values = [] } = (await from.getSingleMetric(name)?.get()) ?? {};
  return values
    .filter((one) => labels.every((label) => Object.values(one.labels).includes(label)))
    .reduce((sum, { value }) => sum + value, 0);
}

async function phase<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = Math.round((user + system) / 100_000) / 10;
  phaseSeconds.set(name, { seconds, cpuSeconds });
  process.stderr.write(`  ${name}: ${seconds} s, ${cpuSeconds} s of a processor\n`);
  return result;
}

function heapMb(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
}
