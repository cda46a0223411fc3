import type { CloudEvent } from '../cloud-event.ts';
import type { DeadLetter } from '../event-log.ts';
import { partitionCount } from '../topic-partition.ts';
import { writeMessage } from './kafka-message.ts';
import {
  type IncomingMessage,
  type OutgoingMessage,
  rawHeaders,
  textOf,
  valuesOf,
} from './message-parts.ts';

/** What an event or a message that was set aside carries beside its own headers. */
const headerNames = {
  group: 'dlq_group',
  topic: 'dlq_topic',
  partition: 'dlq_partition',
  offset: 'dlq_offset',
  error: 'dlq_error',
} as const satisfies Record<keyof DeadLetter, string>;

export function writeDeadLetter(event: CloudEvent, letter: DeadLetter): OutgoingMessage {
  const message = writeMessage(event);
  return { ...message, headers: { ...message.headers, ...originHeaders(letter) } };
}

/** A message that is no event of ours, as it was; in the partition of the same number, since nothing of it can be trusted. */
export function writeRawDeadLetter(message: IncomingMessage, letter: DeadLetter): OutgoingMessage {
  return {
    key: message.key,
    value: message.value,
    headers: { ...rawHeaders(message.headers), ...originHeaders(letter) },
    partition: letter.partition % partitionCount,
  };
}

function originHeaders(letter: DeadLetter): Record<string, string> {
  return {
    [headerNames.group]: letter.group,
    [headerNames.topic]: letter.topic,
    [headerNames.partition]: String(letter.partition),
    [headerNames.offset]: String(letter.offset),
    [headerNames.error]: letter.error,
  };
}

/** Undefined unless all of it is there: a message may have got into a `.dlq` by another hand. */
export function readDeadLetter(message: IncomingMessage): DeadLetter | undefined {
  const header = (name: string) => textOf(valuesOf(message.headers?.[name])[0]);
  const group = header(headerNames.group);
  const topic = header(headerNames.topic);
  const partition = header(headerNames.partition);
  const offset = header(headerNames.offset);
  const error = header(headerNames.error);
  if (group === undefined || topic === undefined || error === undefined) return undefined;
  if (!/^\d+$/.test(partition ?? '') || !/^\d+$/.test(offset ?? '')) return undefined;
  return { group, topic, partition: Number(partition), offset: BigInt(offset ?? ''), error };
}
