import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { check, generate } from './contracts.ts';

const notificationProto = 'notification/v1/notification.proto';
const credentialProto = 'events/v1/credential.proto';

/** A copy of the contracts that a test may break. The plugin's path in buf.gen.yaml leads out of it. */
function copyOfContracts(): string {
  const root = mkdtempSync(join(tmpdir(), 'contracts-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, 'proto');
  cpSync(import.meta.dirname, directory, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(root, 'node_modules'));
  return directory;
}

async function replaceIn(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

// Every check runs the compiler several times.
vi.setConfig({ testTimeout: 120_000 });

test('the contracts as they are pass', async () => {
  await check(copyOfContracts());
});

test('generated code that is stale, edited, lost or left over is refused by name, and generating mends it', async () => {
  const directory = copyOfContracts();
  const generated = join(directory, 'generated');
  await appendFile(join(directory, notificationProto), '\nmessage Added {\n  string id = 1;\n}\n');
  await appendFile(join(generated, 'events/v1/source.ts'), '// edited\n');
  await rm(join(generated, 'google/rpc/status.ts'));
  await writeFile(join(generated, 'left-over.ts'), '');
  const names = [
    'generated/descriptor-set.binpb',
    'generated/events/v1/source.ts',
    'generated/google/rpc/status.ts',
    'generated/left-over.ts',
    'generated/notification/v1/notification.ts',
  ];
  const listed = names.map((name) => `  ${name}`).join('\n');
  await expect(check(directory)).rejects.toThrow(`It differs in:\n${listed}`);
  expect(await generate(directory)).toEqual(names);
  await check(directory);
});

test('a change that breaks users of the released contracts is refused', async () => {
  const directory = copyOfContracts();
  await replaceIn(join(directory, notificationProto), 'string mail_id = 1;', 'int64 mail_id = 1;');
  await expect(check(directory)).rejects.toThrow(/buf breaking.*\n.*"mail_id"/);
});

test('a proto against the lint rules is refused before anything is generated', async () => {
  const directory = copyOfContracts();
  await replaceIn(join(directory, notificationProto), 'string mail_id = 1;', 'string mailId = 1;');
  await expect(generate(directory)).rejects.toThrow(/buf lint.*\n.*mailId/);
});

const jsonBreaks: [what: string, from: string, to: string][] = [
  ['a field that is removed', '  string account_id = 2;', '  reserved 2;'],
  ['a field that is renamed', 'string account_id = 2;', 'string customer_id = 2;'],
  ['another name in JSON', 'account_id = 2;', 'account_id = 2 [json_name = "customer"];'],
  ['a number that becomes a string', 'int32 http_status', 'int64 http_status'],
  ['a field that may be absent from now on', 'string account_id', 'optional string account_id'],
  ['a field that becomes a list', 'string account_id', 'repeated string account_id'],
  ['a value of an enum that is removed', 'CREDENTIAL_STATUS_DELAYED = 3;', 'reserved 3;'],
  ['a value of an enum that is renamed', 'STATUS_DELAYED = 3', 'STATUS_IN_TROUBLE = 3'],
  ['a value of an enum with another number', 'STATUS_DELAYED = 3', 'STATUS_DELAYED = 33'],
];

test.each(jsonBreaks)('%s breaks those who read the JSON of events', async (_, from, to) => {
  const directory = copyOfContracts();
  await replaceIn(join(directory, credentialProto), from, to);
  await expect(check(directory)).rejects.toThrow('buf breaking found problems');
});

test('a part of an event that no comment explains is refused', async () => {
  const directory = copyOfContracts();
  await replaceIn(join(directory, credentialProto), '  // How it ended.\n', '');
  await expect(generate(directory)).rejects.toThrow(/buf lint.*\n.*Field "cause".*comment/);
});

test('schemas, examples and AsyncAPI document that are stale, edited, lost or left over are refused by name, and generating mends them', async () => {
  const directory = copyOfContracts();
  const events = join(directory, 'events');
  await replaceIn(join(events, 'topics.ts'), 'is dead:', 'has died:');
  await appendFile(join(events, 'schemas/CredentialState.json'), '\n');
  await rm(join(events, 'examples/CredentialExpired.json'));
  await writeFile(join(events, 'schemas/LeftOver.json'), '{}');
  const names = [
    'events/asyncapi.yaml',
    'events/examples/CredentialExpired.json',
    'events/schemas/CredentialState.json',
    'events/schemas/LeftOver.json',
  ];
  const listed = names.map((name) => `  ${name}`).join('\n');
  await expect(check(directory)).rejects.toThrow(`It differs in:\n${listed}`);
  expect(await generate(directory)).toEqual(names);
  await check(directory);
});

test('what buf cannot see of a change that breaks consumers of the released events is refused', async () => {
  const directory = copyOfContracts();
  const events = join(directory, 'events');
  await replaceIn(join(events, 'topics.ts'), "name: 'credential.renewed'", "name: 'credential.ok'");
  await replaceIn(join(events, 'example-events.ts'), "'credential.renewed'", "'credential.ok'");
  await replaceIn(
    join(events, 'topics.ts'),
    "keyFields: ['credentialId']",
    "keyFields: ['accountId']",
  );
  await replaceIn(join(events, 'topics.ts'), 'compactionLagMs: 7 *', 'compactionLagMs: 6 *');
  await replaceIn(
    join(events, 'always-present.ts'),
    "  Actor: ['kind', 'id'],",
    "  Actor: ['kind'],",
  );
  await replaceIn(join(directory, 'event-contract/headers.ts'), "    'ce_sequence',\n", '');
  await generate(directory);
  const refused = check(directory).catch((error: Error) => error.message);
  const lines = String(await refused).split('\n');
  expect(lines[0]).toMatch(/breaks who consumes the released events/);
  expect(lines).toEqual(
    expect.arrayContaining([
      '  topic credential.renewed is gone',
      '  min.compaction.lag.ms of topic credential.state is 518400000 instead of 604800000',
      '  the key of CredentialExpired is accountId instead of credentialId',
      '  header ce_sequence of CredentialExpired is no longer always there',
      '  Actor.id is no longer always there',
      '  no longer valid: headers of the example CredentialRenewed: /ce_type must be equal to constant',
    ]),
  );
});

test('a document that is no AsyncAPI and an example that its schema refuses are refused', async () => {
  const directory = copyOfContracts();
  const asyncApi = join(directory, 'event-contract/async-api.ts');
  await replaceIn(asyncApi, "action: 'send'", "action: 'publish'");
  await replaceIn(asyncApi, '}/messages/$', '}/messages/The$');
  const examples = join(directory, 'events/example-events.ts');
  await replaceIn(examples, "providerName: 'Orchard Drive'", "providerName: ''");
  await generate(directory);
  const refused = check(directory).catch((error: Error) => error.message);
  const message = String(await refused);
  expect(message).toMatch(/^The event contract contradicts itself/);
  expect(message).toMatch(
    /asyncapi\.yaml: \/operations\/publishCredentialState\/action must be equal/,
  );
  const lost = '#/channels/credential.expired/messages/TheCredentialExpired';
  expect(message).toContain(`asyncapi.yaml: there is no ${lost}`);
  const missing = "must have required property 'providerName'";
  expect(message).toContain(`payload of the example CredentialState:  ${missing}`);
});

test('an event message without a word on what is always there is refused by name', async () => {
  const directory = copyOfContracts();
  await appendFile(
    join(directory, credentialProto),
    '\n// New.\nmessage Added {\n  // New.\n  string id = 1;\n}\n',
  );
  await expect(generate(directory)).rejects.toThrow(/which fields of Added are always there/);
});
