import { isDeepStrictEqual } from 'node:util';
import type { AsyncApiChannel, AsyncApiDocument, AsyncApiMessage } from './async-api.ts';
import type { JsonSchema } from './json-schema.ts';

/**
 * What would break those who consume the released events and buf cannot see, because it does not stand in the protos: one line
 * each. Whatever is not named here may change: additions, words, longer retention.
 */
export function findBreakingChanges(
  released: AsyncApiDocument,
  current: AsyncApiDocument,
): string[] {
  return [
    ...Object.entries(released.channels).flatMap(([name, before]) => {
      const now = current.channels[name];
      return now ? channelChanges(name, before, now) : [`topic ${name} is gone`];
    }),
    ...Object.entries(released.components.messages).flatMap(([name, before]) => {
      const now = current.components.messages[name];
      return now ? messageChanges(name, [before, released], [now, current]) : [];
    }),
    ...Object.entries(released.components.schemas).flatMap(([name, before]) =>
      missing(before['required'], current.components.schemas[name]?.['required']).map(
        (field) => `${name}.${field} is no longer always there`,
      ),
    ),
  ];
}

function channelChanges(name: string, before: AsyncApiChannel, now: AsyncApiChannel): string[] {
  const changes = missing(Object.keys(before.messages), Object.keys(now.messages)).map(
    (message) => `topic ${name} no longer carries ${message}`,
  );
  const [was, is] = [before.bindings.kafka, now.bindings.kafka];
  if (was.partitions !== is.partitions) {
    changes.push(
      `topic ${name} has ${is.partitions} partitions instead of ${was.partitions}: keys lose their order`,
    );
  }
  for (const [setting, value] of Object.entries(was.topicConfiguration)) {
    const next = is.topicConfiguration[setting];
    const kept = typeof value === 'number' && typeof next === 'number' && next >= value;
    if (!kept && !isDeepStrictEqual(value, next)) {
      changes.push(`${setting} of topic ${name} is ${show(next)} instead of ${show(value)}`);
    }
  }
  return changes;
}

type Placed = [message: AsyncApiMessage, document: AsyncApiDocument];

function messageChanges(name: string, before: Placed, now: Placed): string[] {
  const changes: string[] = [];
  const keyOf = ([{ bindings }]: Placed) => bindings.kafka['x-key-fields'].join(', ');
  if (keyOf(before) !== keyOf(now)) {
    changes.push(`the key of ${name} is ${keyOf(now)} instead of ${keyOf(before)}`);
  }
  const [were, are] = [headersOf(before), headersOf(now)];
  for (const header of missing([...were.required], [...are.required])) {
    changes.push(`header ${header} of ${name} is no longer always there`);
  }
  for (const [header, form] of were.forms) {
    const next = are.forms.get(header);
    if (!isDeepStrictEqual(form, next)) {
      changes.push(`header ${header} of ${name} is ${show(next)} instead of ${show(form)}`);
    }
  }
  return changes;
}

/** The headers of a message, put together from its own and the common ones; descriptions aside. */
function headersOf([message, document]: Placed) {
  const required = new Set<string>();
  const forms = new Map<string, JsonSchema>();
  const parts = (message.headers['allOf'] ?? []) as JsonSchema[];
  for (const part of parts) {
    const schema = resolve(part, document);
    for (const name of (schema['required'] ?? []) as string[]) required.add(name);
    for (const [name, { description: _, ...form }] of Object.entries(
      (schema['properties'] ?? {}) as Record<string, JsonSchema>,
    )) {
      forms.set(name, { ...forms.get(name), ...form });
    }
  }
  return { required, forms };
}

function resolve(schema: JsonSchema, { components }: AsyncApiDocument): JsonSchema {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  return components.schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {};
}

function missing(before: unknown, now: unknown): string[] {
  const has = new Set((now ?? []) as string[]);
  return ((before ?? []) as string[]).filter((name) => !has.has(name));
}

function show(value: unknown): string {
  return value === undefined ? 'gone' : JSON.stringify(value);
}
