import { join } from 'node:path';

/** Where each service listens and keeps its data in this one process: unix sockets, and files below the data directory. */
export function serviceAddresses(sockets: string) {
  return {
    vault: `unix:${join(sockets, 'vault')}`,
    registry: `unix:${join(sockets, 'registry')}`,
    broker: `unix:${join(sockets, 'broker')}`,
    notification: `unix:${join(sockets, 'notification')}`,
  };
}

export function storeUrl(dataDirectory: string, service: string): URL {
  return new URL(`sqlite:${encodeURI(join(dataDirectory, `${service}.db`))}`);
}
