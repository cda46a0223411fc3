import { LiveDrill, LiveEvent } from '@credential-renewal/gateway/http-types';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Product } from './product.ts';

export type HeardEvent = { id: string; event: string; data: LiveEvent };

export type EventListener = {
  heard: HeardEvent[];
  /** Of the last event or heartbeat: where to resume. */
  lastId(): string | undefined;
  /** Throws when something was heard that the gateway's own schema does not know. */
  stop(): void;
};

const ajv = addFormats.default(new Ajv2020({ strict: false }));
const isLiveEvent = ajv.compile(LiveEvent);
const isLiveDrill = ajv.compile(LiveDrill);

/** Reads `GET /api/v1/events` as it comes, with a bearer token. Resolves once the stream has begun. */
export async function listenToEvents(
  { gatewayUrl }: Pick<Product, 'gatewayUrl'>,
  bearerToken: string,
  lastEventId?: string,
): Promise<EventListener> {
  const stopping = new AbortController();
  const response = await fetch(`${gatewayUrl}/api/v1/events`, {
    signal: stopping.signal,
    headers: {
      authorization: `Bearer ${bearerToken}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  if (!response.ok || !response.body) throw new Error(`no events: ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const heard: HeardEvent[] = [];
  let lastId: string | undefined;
  let pending = '';

  function take(text: string): void {
    pending += text;
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon), line.slice(colon + 1).trim()];
        }),
      );
      lastId = fields['id'] ?? lastId;
      const { id = '', event, data } = fields;
      if (event !== undefined) heard.push({ id, event, data: JSON.parse(data ?? '{}') });
    }
  }

  async function read(): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      take(value);
    }
  }

  const first = await reader.read();
  take(first.value ?? '');
  // Stopping is how a reading ends.
  read().catch(() => undefined);
  return {
    heard,
    lastId: () => lastId,
    stop() {
      stopping.abort();
      const wrong = heard.find(({ event, data }) => !isKnown(event, data));
      if (wrong)
        throw new Error(`not an event of the API: ${wrong.event} ${JSON.stringify(wrong.data)}`);
    },
  };
}

function isKnown(event: string, data: unknown): boolean {
  if (event === 'reset') return true;
  return event === 'source.drill' ? isLiveDrill(data) : isLiveEvent(data);
}
