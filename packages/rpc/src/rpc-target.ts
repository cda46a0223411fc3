import type { Settings } from '@credential-renewal/runtime';
import { replicasScheme } from './replicas-resolver.ts';
import { formatRpcAddress, parseRpcAddress, RpcAddressInvalidError } from './rpc-address.ts';

/**
 * What grpc-js connects to for `unix:/path`, `host:port`, or the replicas of a service: `host:port,host:port`. Each host may be an
 * address or a name, and a name may have several addresses. Throws `RpcAddressInvalidError`.
 */
export function parseRpcTarget(target: string): string {
  const entries = target.split(',').map((entry) => entry.trim());
  const addresses = entries.map(parseRpcAddress);
  const twice = entries.find((entry, index) => entries.indexOf(entry) !== index);
  if (twice !== undefined) throw new RpcAddressInvalidError(`"${target}" names ${twice} twice`);
  const [first, ...others] = addresses;
  if (first?.kind === 'unix' && others.length === 0) return formatRpcAddress(first);
  for (const address of addresses) {
    if (address.kind === 'unix')
      throw new RpcAddressInvalidError(
        `"${target}" is no RPC address: of several addresses each must be host:port`,
      );
    if (address.port === 0)
      throw new RpcAddressInvalidError(`"${target}" is no RPC address: nobody listens on port 0`);
  }
  return `${replicasScheme}:///${addresses.map(formatRpcAddress).join(',')}`;
}

/** Reads the address of a service to call, so that what is wrong with it is told at start beside the other settings. */
export function readRpcTarget(settings: Settings, name: string): string {
  const target = settings.text(name);
  try {
    if (target !== '') parseRpcTarget(target);
  } catch (error) {
    if (!(error instanceof RpcAddressInvalidError)) throw error;
    settings.problem(`${name}: ${error.message}`);
  }
  return target;
}
