import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Document, parseDocument } from 'yaml';
import type { AsyncApiDocument } from './async-api.ts';
import { findBreakingChanges } from './breaking-changes.ts';
import { findExampleProblems } from './contract-validator.ts';

const text = readFileSync(new URL('../events/asyncapi.yaml', import.meta.url), 'utf8');

/** The present contract, and what a change would make of it. */
function changed(change: (document: Document) => void): [AsyncApiDocument, AsyncApiDocument] {
  const document = parseDocument(text);
  const before = document.toJS();
  change(document);
  return [before, document.toJS()];
}

const ofState = ['channels', 'credential.state', 'bindings', 'kafka'];
const ofExpired = ['channels', 'credential.expired', 'bindings', 'kafka'];
const message = ['components', 'messages', 'CredentialExpired'];
const headers = ['components', 'schemas', 'CloudEventHeaders'];
const schema = ['components', 'schemas', 'CredentialExpired'];

test('the contract as it is breaks nobody', () => {
  expect(findBreakingChanges(...changed(() => undefined))).toEqual([]);
});

const breaks: [what: string, change: (next: Document) => void, line: string][] = [
  [
    'a topic that is removed',
    (next) => next.deleteIn(['channels', 'credential.renewed']),
    'topic credential.renewed is gone',
  ],
  [
    'a topic that is renamed',
    (next) => {
      next.setIn(['channels', 'credential.died'], next.getIn(['channels', 'credential.expired']));
      next.deleteIn(['channels', 'credential.expired']);
    },
    'topic credential.expired is gone',
  ],
  [
    'a message that moves to another topic',
    (next) => next.deleteIn(['channels', 'credential.expired', 'messages', 'CredentialExpired']),
    'topic credential.expired no longer carries CredentialExpired',
  ],
  [
    'tombstones that no longer come',
    (next) =>
      next.deleteIn(['channels', 'credential.state', 'messages', 'CredentialStateTombstone']),
    'topic credential.state no longer carries CredentialStateTombstone',
  ],
  [
    'a compacted topic that ages instead',
    (next) => next.setIn([...ofState, 'topicConfiguration', 'cleanup.policy'], ['delete']),
    'cleanup.policy of topic credential.state is ["delete"] instead of ["compact"]',
  ],
  [
    'steps that are compacted away sooner',
    (next) => next.setIn([...ofState, 'topicConfiguration', 'min.compaction.lag.ms'], 1),
    'min.compaction.lag.ms of topic credential.state is 1 instead of 604800000',
  ],
  [
    'events that are kept for a shorter time',
    (next) => next.setIn([...ofExpired, 'topicConfiguration', 'retention.ms'], 86_400_000),
    'retention.ms of topic credential.expired is 86400000 instead of 2592000000',
  ],
  [
    'a retention that is no longer stated',
    (next) => next.deleteIn([...ofExpired, 'topicConfiguration', 'retention.ms']),
    'retention.ms of topic credential.expired is gone instead of 2592000000',
  ],
  [
    'another number of partitions',
    (next) => next.setIn([...ofExpired, 'partitions'], 12),
    'topic credential.expired has 12 partitions instead of 8: keys lose their order',
  ],
  [
    'another key',
    (next) => next.setIn([...message, 'bindings', 'kafka', 'x-key-fields'], ['accountId']),
    'the key of CredentialExpired is accountId instead of credentialId',
  ],
  [
    'a header that is not promised any more',
    (next) => next.setIn([...headers, 'required'], ['ce_id']),
    'header ce_sequence of CredentialExpired is no longer always there',
  ],
  [
    'a header that is removed',
    (next) => next.deleteIn([...headers, 'properties', 'ce_specversion']),
    'header ce_specversion of CredentialExpired is gone instead of {"const":"1.0"}',
  ],
  [
    'a header of another form',
    (next) => next.setIn([...headers, 'properties', 'ce_time'], { type: 'integer' }),
    'header ce_time of CredentialExpired is {"type":"integer"} instead of {"type":"string","format":"date-time","pattern":"Z$"}',
  ],
  [
    'a header of another value',
    (next) =>
      next.setIn([...message, 'headers', 'allOf', 1, 'properties', 'ce_source', 'const'], '/vault'),
    'header ce_source of CredentialExpired is {"type":"string","const":"/vault"} instead of {"type":"string","const":"/credential-vault"}',
  ],
  [
    'a field that may be absent from now on',
    (next) => next.setIn([...schema, 'required'], ['credentialId']),
    'CredentialExpired.version is no longer always there',
  ],
  [
    'a field inside of a field that may be absent from now on',
    (next) => next.deleteIn(['components', 'schemas', 'Reason', 'required']),
    'Reason.code is no longer always there',
  ],
];

test.each(breaks)('%s is a breaking change', (_, change, line) => {
  expect(findBreakingChanges(...changed(change))).toContain(line);
});

const additions: [what: string, change: (next: Document) => void][] = [
  [
    'a new topic',
    (next) =>
      next.setIn(['channels', 'credential.added'], next.getIn(['channels', 'credential.expired'])),
  ],
  ['a new field', (next) => next.setIn([...schema, 'properties', 'region'], { type: 'string' })],
  ['a new header', (next) => next.setIn([...headers, 'properties', 'ce_x'], { type: 'string' })],
  [
    'a longer retention',
    (next) => next.setIn([...ofExpired, 'topicConfiguration', 'retention.ms'], 31_536_000_000),
  ],
  [
    'other words',
    (next) => next.setIn([...headers, 'properties', 'ce_id', 'description'], 'In other words.'),
  ],
];

test.each(additions)('%s breaks nobody', (_, change) => {
  expect(findBreakingChanges(...changed(change))).toEqual([]);
});

test('an example of the released version that is not valid any more is found', () => {
  const [released, next] = changed((document) => {
    document.setIn([...schema, 'properties', 'episodeId'], { type: 'integer' });
    document.setIn(['components', 'schemas', 'Reason', 'required'], ['ticket']);
    document.setIn([...headers, 'required'], ['ce_region']);
  });
  expect(findExampleProblems(next, released)).toEqual(
    expect.arrayContaining([
      'payload of the example CredentialExpired: /episodeId must be integer',
      "payload of the example CredentialState: /reason must have required property 'ticket'",
      "headers of the example CredentialStateTombstone:  must have required property 'ce_region'",
    ]),
  );
});
