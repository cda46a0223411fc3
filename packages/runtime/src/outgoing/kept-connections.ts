import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

/** Servers keep a connection that nobody uses for five seconds (Node, Apache) and more; they close none that is so young. */
const longestIdleMs = 1_000;

export type KeptConnections = {
  /** For a request that is sent now, to a URL of this protocol. */
  agentFor(protocol: string): HttpAgent;
};

/**
 * Connections that a request has ended with and the next one to the same server may begin with, which spares it the handshakes. A request on
 * a connection that its server has just closed would lose an answer that never was, so none is kept for long: by the clock too, for a process
 * that was paused hears of an end, and its own timers, only after it has sent (RFC 9112 section 9.3.1).
 */
export function createKeptConnections(monotonicMs = () => performance.now()): KeptConnections {
  const freedAtMs = new WeakMap<Duplex, number>();
  const keep = <A extends HttpAgent>(agent: A): A => {
    const keepSocketAlive = agent.keepSocketAlive.bind(agent);
    agent.keepSocketAlive = (socket) => {
      freedAtMs.set(socket, monotonicMs());
      return keepSocketAlive(socket);
    };
    return agent;
  };
  const options = { keepAlive: true, timeout: longestIdleMs };
  const agents = new Map<string, HttpAgent>([
    ['http:', keep(new HttpAgent(options))],
    ['https:', keep(new HttpsAgent(options))],
  ]);

  return {
    agentFor(protocol) {
      const agent = agents.get(protocol);
      if (!agent) throw new TypeError(`no requests are sent by ${protocol}`);
      for (const socket of Object.values(agent.freeSockets).flatMap((free) => free ?? [])) {
        const idleMs = monotonicMs() - (freedAtMs.get(socket) ?? Number.NEGATIVE_INFINITY);
        // The agent passes over what is destroyed.
        if (idleMs >= longestIdleMs) socket.destroy();
      }
      return agent;
    },
  };
}
