import type { LiveEvent } from '@credential-renewal/gateway/http-types';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepLive, type LiveState } from './live-connection.ts';

/** An event stream that does what a test says. */
class Stream extends EventTarget {
  readonly CLOSED = 2;
  readyState = 0;

  say(type: string, data?: unknown) {
    this.dispatchEvent(
      data === undefined ? new Event(type) : new MessageEvent(type, { data: JSON.stringify(data) }),
    );
  }

  refuse() {
    this.readyState = 2;
    this.say('error');
  }

  close() {
    this.readyState = 2;
  }
}

function start() {
  const streams: Stream[] = [];
  const states: LiveState[] = [];
  const events: LiveEvent[] = [];
  let drills = 0;
  let missed = 0;
  let refused = 0;
  const close = keepLive({
    open: () => {
      const stream = new Stream();
      streams.push(stream);
      return stream as unknown as EventSource;
    },
    onEvent: (event) => events.push(event),
    onDrill: () => {
      drills += 1;
    },
    onMissed: () => {
      missed += 1;
    },
    onRefused: () => {
      refused += 1;
    },
    onState: (state) => states.push(state),
  });
  const stream = () => {
    const last = streams.at(-1);
    if (last === undefined) throw new Error('no stream was opened');
    return last;
  };
  return {
    ...{ stream, streams, states, events, close },
    ...{ drills: () => drills, missed: () => missed, refused: () => refused },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('an event reaches the page', () => {
  const live = start();
  const event = { sourceId: 's1', status: 'expired', version: 3 };
  live.stream().say('open');
  live.stream().say('source.credential-state', event);
  expect(live.events).toEqual([event]);
});

test('a drill reaches the page, and is no event of a credential', () => {
  const live = start();
  live.stream().say('open');
  live.stream().say('source.drill', { sourceId: 's1', drillId: 'd1', running: true });
  expect(live.drills()).toBe(1);
  expect(live.events).toEqual([]);
});

test('what was read before the stream was open is read again, once', () => {
  const live = start();
  expect(live.missed()).toBe(0);
  live.stream().say('open');
  expect(live.missed()).toBe(1);
  live.stream().say('error');
  live.stream().say('open');
  expect(live.missed()).toBe(1);
});

test('a short interruption is not shown', () => {
  const live = start();
  live.stream().say('open');
  live.stream().say('error');
  vi.advanceTimersByTime(1_000);
  live.stream().say('open');
  vi.advanceTimersByTime(60_000);
  expect(live.states).not.toContain('lost');
});

test('a long interruption is shown, and what was missed is read again afterwards', () => {
  const live = start();
  live.stream().say('open');
  live.stream().say('error');
  vi.advanceTimersByTime(3_000);
  expect(live.states.at(-1)).toBe('lost');
  live.stream().say('open');
  expect(live.states.at(-1)).toBe('open');
  expect(live.missed()).toBe(2);
});

test('a refused stream is told of and opened again', () => {
  const live = start();
  live.stream().refuse();
  expect(live.refused()).toBe(1);
  vi.advanceTimersByTime(5_000);
  expect(live.streams).toHaveLength(2);
  live.stream().say('open');
  expect(live.missed()).toBe(1);
});

test('a reset reads everything again', () => {
  const live = start();
  live.stream().say('open');
  live.stream().say('reset', {});
  expect(live.missed()).toBe(2);
});

test('nothing is opened after closing', () => {
  const live = start();
  live.stream().refuse();
  live.close();
  vi.advanceTimersByTime(60_000);
  expect(live.streams).toHaveLength(1);
});
