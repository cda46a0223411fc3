import type { IncomingMessage } from 'node:http';
import type { ShiftableClock } from './clock.ts';
import type { InternalAnswer } from './internal-server.ts';

const maxBodyBytes = 1_000;

/**
 * `POST /clock` with `{"offsetMs": 3600000}`: how far ahead of the system's time the clock shall be. Not "how much further", so that
 * telling it twice, or one process later than another, leaves all of them at the same time. `GET` answers with how far it is.
 */
export async function answerClockShift(
  request: IncomingMessage,
  clock: ShiftableClock,
): Promise<InternalAnswer> {
  if (request.method !== 'POST')
    return { status: 200, text: `${JSON.stringify({ offsetMs: clock.offsetMs() })}\n` };
  const offsetMs = offsetOf(await readBody(request));
  if (offsetMs === undefined)
    return { status: 400, text: 'the body must be {"offsetMs": <a whole number from 0>}\n' };
  clock.shiftTo(offsetMs);
  return { status: 200, text: `${new Date(clock.nowMs()).toISOString()}\n` };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > maxBodyBytes) return '';
  }
  return body;
}

function offsetOf(body: string): number | undefined {
  try {
    const { offsetMs } = JSON.parse(body) as { offsetMs?: unknown };
    return Number.isSafeInteger(offsetMs) && Number(offsetMs) >= 0 ? Number(offsetMs) : undefined;
  } catch {
    return undefined;
  }
}
