import type { Settings } from '@credential-renewal/runtime';
import { parseRpcAddress, RpcAddressInvalidError } from './rpc-address.ts';

/** What every process that serves or calls gRPC can be told. */
export type RpcSettings = {
  /** Holds `tls.crt`, `tls.key` and `ca.crt`. Absent: calls are neither encrypted nor authenticated. */
  tlsDirectory?: string | undefined;
  /** Where health is answered in plaintext besides, for probes that have no certificate. */
  healthAddress?: string | undefined;
};

export function readRpcSettings(settings: Settings): RpcSettings {
  return { ...readTlsSettings(settings), healthAddress: readHealthAddress(settings) };
}

/** Of those who only call. */
export function readTlsSettings(settings: Settings): RpcSettings {
  return { tlsDirectory: settings.optionalText('RPC_TLS_DIRECTORY') };
}

function readHealthAddress(settings: Settings): string | undefined {
  const name = 'HEALTH_ADDRESS';
  const address = settings.optionalText(name);
  if (address === undefined) return undefined;
  try {
    const { kind } = parseRpcAddress(address);
    if (kind !== 'tcp') settings.problem(`${name} must be host:port`);
    if (address === settings.optionalText('LISTEN_ADDRESS'))
      settings.problem(`${name} must not be LISTEN_ADDRESS`);
  } catch (error) {
    if (!(error instanceof RpcAddressInvalidError)) throw error;
    settings.problem(`${name}: ${error.message}`);
  }
  return address;
}
