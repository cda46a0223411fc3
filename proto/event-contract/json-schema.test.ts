import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, expect, test } from 'vitest';
import { buf } from '../buf.ts';
import { commentOf } from './comments.ts';
import { definitionsOf, type JsonSchema } from './json-schema.ts';

const proto = `
syntax = "proto3";
package sample.v1;
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";

// What is in it.
message Box {
  // How it is closed.
  enum Lid {
    // Nobody knows.
    LID_UNSPECIFIED = 0;
    // With a nail.
    LID_NAILED = 1;
  }
  // A name,
  // over two lines.
  //
  // And a second paragraph.
  string some_name = 1;
  bool flag = 2;
  bytes raw = 3;
  int32 i32 = 4;
  sint32 s32 = 5;
  uint32 u32 = 6;
  fixed32 f32 = 7;
  int64 i64 = 8;
  sfixed64 s64 = 9;
  uint64 u64 = 10;
  fixed64 f64 = 11;
  float single = 12;
  double twice = 13;
  Lid lid = 14;
  google.protobuf.Timestamp at = 15;
  Box inner = 16;
  optional string maybe = 17;
  optional int64 maybe_number = 18;
  repeated string words = 19;
  repeated Lid lids = 20;
  repeated Box boxes = 21;
  map<string, int64> counts = 22;
  map<int32, Box> by_number = 23;
  map<bool, string> by_flag = 24;
  oneof shape {
    string round = 25;
    Box square = 26;
  }
  Label label = 27;
  reserved 28;
}

message Label {
  string text = 1;
}

message Unsupported {
  google.protobuf.Duration length = 1;
}
`;

let messages: Map<string, DescMessage>;
let accepts: (value: unknown) => boolean;
let box: JsonSchema & { properties: Record<string, JsonSchema> };
let definitions: Map<string, JsonSchema>;

const rules = {
  refTo: (name: string) => `#/$defs/${name}`,
  comment: commentOf,
  alwaysPresent: ({ name }: DescMessage) => (name === 'Label' ? ['text'] : []),
};

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'json-schema-'));
  writeFileSync(join(directory, 'sample.proto'), proto);
  await buf(directory, ['build', '--as-file-descriptor-set', '-o', 'sample.binpb']);
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(join(directory, 'sample.binpb')));
  rmSync(directory, { recursive: true });
  const file = createFileRegistry(set).getFile('sample.proto');
  messages = new Map(file?.messages.map((message) => [message.name, message]));
  definitions = definitionsOf(message('Box'), rules);
  box = definitions.get('Box') as typeof box;
  const ajv = addFormats.default(new Ajv2020({ strict: true, strictRequired: false }));
  accepts = ajv.compile({ $ref: '#/$defs/Box', $defs: Object.fromEntries(definitions) });
});

function message(name: string): DescMessage {
  const found = messages.get(name);
  if (!found) throw new Error(`no message ${name}`);
  return found;
}

test('a message brings the definitions of all it needs, and no others', () => {
  expect([...definitions.keys()].sort()).toEqual(['Box', 'Box_Lid', 'Label']);
});

test('comments become descriptions, as running text with its paragraphs', () => {
  expect(box['description']).toBe('What is in it.');
  expect(box.properties['someName']?.['description']).toBe(
    'A name, over two lines.\n\nAnd a second paragraph.',
  );
  expect(box.properties['flag']?.['description']).toBe('');
  expect(definitions.get('Box_Lid')).toMatchObject({
    description: expect.stringMatching(/^How it is closed\. .*for LID_UNSPECIFIED\.$/),
    anyOf: [
      { const: 'LID_UNSPECIFIED', description: 'Nobody knows.' },
      { const: 'LID_NAILED', description: 'With a nail.' },
      {},
    ],
  });
});

const values: [field: string, good: unknown[], bad: unknown[]][] = [
  ['someName', ['', 'Zürich'], [1, null]],
  ['flag', [true, false], ['true', 0]],
  ['raw', ['aGVsbG8='], [[104]]],
  ['i32', [0, -(2 ** 31)], [2 ** 31, 1.5, '1']],
  ['s32', [-1], [-(2 ** 31) - 1]],
  ['u32', [2 ** 32 - 1], [-1, 2 ** 32]],
  ['f32', [1], [-1]],
  ['i64', ['0', '-9223372036854775808'], [1, '01', '-0', '1e3', '']],
  ['s64', ['-1'], [-1]],
  ['u64', ['18446744073709551615'], ['-1', 1]],
  ['f64', ['1'], ['-1']],
  ['single', [1.5, 'NaN', '-Infinity'], ['1.5']],
  ['twice', [1e300, 'Infinity'], ['inf']],
  ['lid', ['LID_NAILED', 'LID_OF_A_LATER_VERSION'], [1, 'NAILED', 'lid_nailed', 'OTHER_NAILED']],
  [
    'at',
    ['2026-03-02T08:15:30Z', '2026-03-02T08:15:30.123456789Z'],
    ['2026-03-02T08:15:30+01:00', 'today', 0],
  ],
  ['inner', [{}, { inner: { flag: true } }], [{ inner: { flag: 1 } }, 'x']],
  ['maybe', ['', 'x'], [null]],
  ['maybeNumber', ['0'], [0]],
  ['words', [[], ['a']], ['a', [1]]],
  ['lids', [['LID_NAILED', 'LID_NEW']], [['NEW']]],
  ['boxes', [[{ flag: true }]], [[{ flag: 1 }]]],
  ['counts', [{}, { a: '1' }], [{ a: 1 }, []]],
  ['byNumber', [{ '-7': {} }], [{ seven: {} }]],
  ['byFlag', [{ true: 'x' }], [{ yes: 'x' }]],
  ['label', [{ text: 'x' }], [{}, { text: 1 }]],
];

test.each(values)('%s takes what proto3 JSON writes, and nothing else', (field, good, bad) => {
  expect(good.filter((value) => !accepts({ [field]: value }))).toEqual([]);
  expect(bad.filter((value) => accepts({ [field]: value }))).toEqual([]);
});

test('every kind of field of the sample is spoken of above', () => {
  const spoken = [...values.map(([field]) => field), 'round', 'square'];
  expect(Object.keys(box.properties).sort()).toEqual(spoken.sort());
});

test('at most one member of a oneof is there', () => {
  expect(accepts({})).toBe(true);
  expect(accepts({ round: 'x' })).toBe(true);
  expect(accepts({ square: {} })).toBe(true);
  expect(accepts({ round: 'x', square: {} })).toBe(false);
});

test('a field that is not known may be there, and one that is always there must be', () => {
  expect(accepts({ ofALaterVersion: [1], label: { text: 'x', also: 1 } })).toBe(true);
  expect(accepts({ label: {} })).toBe(false);
});

test('what an absent field means is said where proto3 gives it a value, and nowhere else', () => {
  const defaults = Object.entries(box.properties).flatMap(([name, schema]) =>
    'default' in schema ? [[name, schema['default']]] : [],
  );
  expect(Object.fromEntries(defaults)).toEqual({
    someName: '',
    flag: false,
    raw: '',
    i32: 0,
    s32: 0,
    u32: 0,
    f32: 0,
    i64: '0',
    s64: '0',
    u64: '0',
    f64: '0',
    single: 0,
    twice: 0,
    lid: 'LID_UNSPECIFIED',
    words: [],
    lids: [],
    boxes: [],
    counts: {},
    byNumber: {},
    byFlag: {},
  });
  expect(definitions.get('Label')?.['properties']).toEqual({
    text: { description: '', type: 'string' },
  });
});

test('a type whose JSON form the generated code does not write is refused by name', () => {
  expect(() => definitionsOf(message('Unsupported'), rules)).toThrow(
    /length is a google\.protobuf\.Duration/,
  );
});

test('a field that is said to be always there but does not exist is refused by name', () => {
  const wrong = { ...rules, alwaysPresent: () => ['colour'] };
  expect(() => definitionsOf(message('Label'), wrong)).toThrow(
    'sample.v1.Label has no field "colour"; correct events/always-present.ts',
  );
});
