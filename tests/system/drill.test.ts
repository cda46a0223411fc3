import { createBearerToken } from '@credential-renewal/demo-provider';
import type {
  AuthorizedConnection,
  Drill,
  PageOf,
  Source,
} from '@credential-renewal/gateway/http-types';
import { afterAll, beforeAll, expect } from 'vitest';
import { createDemoControls } from './demo-controls.ts';
import { listenToEvents } from './event-listener.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';
import { until } from './until.ts';

const subject = '[Drill] Credentials expired in source';
const realSubject = 'Credentials expired in source';

let product: Product;
let controls: ReturnType<typeof createDemoControls>;
let ada: Person;
let max: Person;
let alma: Person;

beforeAll(async () => {
  product = await startProduct({ WORKER_INTERVAL_MS: '200', DIGEST_WINDOW_MS: '1' });
  controls = createDemoControls(product.demoUrl);
  await product.demoSourcesMade();
  // What the worker does for its own sake would hide a request of the drill.
  await controls.post('/worker', { paused: true });
  [ada, max, alma] = await Promise.all([
    signIn(product, 'ada'),
    signIn(product, 'max'),
    signIn(product, 'alma'),
  ]);
});
afterAll(() => product?.dispose());

async function sourceNamed(person: Person, name: string): Promise<Source> {
  const found = (await person.mySources()).find((source) => source.name === name);
  if (!found) throw new Error(`no source ${name}`);
  return found;
}

const drillsOf = ({ id }: Source) => `/api/v1/sources/${id}/drills`;
const start = (source: Source) => alma.call<Drill>('POST', drillsOf(source));

async function report(source: Source): Promise<Drill> {
  const { items } = await alma.call<PageOf<Drill>>('GET', drillsOf(source));
  const [newest] = items;
  if (!newest) throw new Error('no drill');
  return newest;
}

/** All that a provider was asked, and every grant it has given. */
async function providerSide(): Promise<unknown> {
  return {
    counters: await controls.get('/counters'),
    grants: await controls.get('/grants'),
  };
}

const mailsTo = async (address: string) =>
  (await controls.mails()).filter(({ to }) => to.includes(address));

test('a drill goes from its start over the mail and the click to the report, and no provider hears of it', async () => {
  const source = await sourceNamed(ada, 'Quarterly reports');
  const token = await createBearerToken(`${product.demoUrl}/identity`, 'ada');
  const live = await listenToEvents(product, token);
  const before = await providerSide();

  const drill = await start(source);
  expect(drill).toMatchObject({
    startedBy: { name: 'Alma Ruiz' },
    end: null,
    recipients: [{ user: { name: 'Ada Lovett' }, reactedAt: null }],
  });

  const [mail] = await until(async () => {
    const mails = await mailsTo('ada@acme.example');
    expect(mails).toHaveLength(1);
    return mails;
  });
  expect(mail?.subject).toBe(subject);
  const { text } = await controls.mail(mail?.id ?? '');
  expect(text).toContain('nothing has expired');
  expect(text).toContain(`/my-sources?source=${source.id}&drill=${drill.id}`);

  // Beside the marked button everything is as it was.
  const marked = await ada.source(source.id);
  expect(marked.drill).toMatchObject({ id: drill.id, startedBy: 'Alma Ruiz' });
  expect({ ...marked, drill: null }).toEqual(source);

  await ada.call('POST', `${drillsOf(source)}/${drill.id}/reactions`);
  const { end, recipients } = await report(source);
  expect(end).toBe('all_reacted');
  expect(Date.parse(recipients[0]?.reactedAt ?? '')).toBeGreaterThanOrEqual(
    Date.parse(drill.startedAt),
  );
  expect(await ada.source(source.id)).toEqual(source);

  await until(() =>
    expect(
      live.heard.flatMap(({ event, data }) => (event === 'source.drill' ? [data] : [])),
    ).toEqual(
      [true, false].map((running) => ({
        ...{ sourceId: source.id, authorizedConnectionId: null, drillId: drill.id, running },
      })),
    ),
  );
  expect(live.heard.map(({ event }) => event)).not.toContain('source.credential-state');
  live.stop();
  expect(await providerSide()).toEqual(before);
  expect((await controls.mails()).map((one) => one.subject)).not.toContain(realSubject);
});

test('only an administrator starts one and sees its report, and only who was told reacts', async () => {
  const source = await sourceNamed(max, 'Contracts');
  for (const person of [ada, max]) {
    const refused = await person.api('POST', drillsOf(source));
    expect(refused).toMatchObject({ status: 403, body: { code: 'ADMINISTRATOR_REQUIRED' } });
  }
  const drill = await start(source);
  expect(await ada.api('GET', drillsOf(source))).toMatchObject({ status: 403 });
  const reaction = `${drillsOf(source)}/${drill.id}/reactions`;
  expect(await ada.api('POST', reaction)).toMatchObject({
    ...{ status: 403, body: { code: 'DRILL_NOT_FOR_CALLER' } },
  });
  expect(await alma.api('POST', drillsOf(source))).toMatchObject({
    ...{ status: 409, body: { code: 'DRILL_RUNNING' } },
  });
  await alma.call('DELETE', `${drillsOf(source)}/${drill.id}`);
  expect(await max.api('POST', reaction)).toMatchObject({
    ...{ status: 409, body: { code: 'DRILL_OVER' } },
  });
  expect((await max.source(source.id)).drill).toBeNull();
  expect(await report(source)).toMatchObject({ end: 'stopped' });
});

test('the drill of a source on an authorized connection waits for its keepers, at the connection', async () => {
  const source = await sourceNamed(ada, 'Company chat');
  const drill = await start(source);
  expect(drill.recipients.map(({ user }) => user.name)).toEqual(['Alma Ruiz']);
  expect((await ada.source(source.id)).drill).toBeNull();
  const { items } = await alma.call<PageOf<AuthorizedConnection>>(
    ...(['GET', '/api/v1/authorized-connections'] as const),
  );
  const [connection] = items;
  expect(connection?.drill?.id).toBe(drill.id);
  await until(async () => {
    const [mail] = await mailsTo('alma@acme.example');
    expect(mail?.subject).toBe(subject);
  });
  const path = `/api/v1/authorized-connections/${connection?.id}/drills/${drill.id}/reactions`;
  await alma.call('POST', path);
  expect(await report(source)).toMatchObject({ id: drill.id, end: 'all_reacted' });
});

test('a real death ends the drill, and the mail about it is the real one', async () => {
  const source = await sourceNamed(ada, 'Support tickets');
  await start(source);
  await until(async () => {
    const mails = await mailsTo('ada@acme.example');
    expect(mails.filter((mail) => mail.subject === subject)).toHaveLength(2);
  });
  await controls.post('/worker', { paused: false });
  await controls.withdraw('helpline', 'ada@acme.example');
  const dead = await ada.untilStatus(source.id, 'expired');
  expect(dead.drill).toBeNull();
  expect(await report(source)).toMatchObject({ end: 'real_expiry' });
  await until(async () =>
    expect((await mailsTo('ada@acme.example'))[0]?.subject).toBe(realSubject),
  );
  expect(await alma.api('POST', drillsOf(source))).toMatchObject({
    ...{ status: 409, body: { code: 'DRILL_NEEDS_WORKING_CREDENTIAL' } },
  });
});

test('a drill that nobody ends is over after a week', async () => {
  const source = await sourceNamed(max, 'Contracts');
  const drill = await start(source);
  expect(Date.parse(drill.endsAt) - Date.parse(drill.startedAt)).toBe(7 * 86_400_000);
  await controls.advanceClock(7 * 86_400 + 60);
  // The sessions are over, too.
  [max, alma] = await Promise.all([signIn(product, 'max'), signIn(product, 'alma')]);
  await until(async () => expect(await report(source)).toMatchObject({ end: 'time_over' }), 90_000);
  expect((await max.source(source.id)).drill).toBeNull();
}, 120_000);
