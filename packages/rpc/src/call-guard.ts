import { type Caller, CallerNotAllowedError, type RpcCaller } from './callers.ts';
import type { RpcMetrics } from './rpc-metrics.ts';
import { type CertificateNames, namesInCertificate } from './tls/certificate-names.ts';

/** Lets a caller in by the subject alternative names of its certificate; throws `CallerNotAllowedError`. */
export type CallGuard = (subjectAltName: string | undefined) => RpcCaller;

export function createCallGuard(
  rpc: string,
  callers: readonly Caller[],
  metrics: RpcMetrics,
): CallGuard {
  return (subjectAltName) => {
    const names = readNames(subjectAltName);
    for (const caller of callers) {
      const name = names.get(caller);
      if (name !== undefined) return { caller, name };
    }
    const [caller = 'unknown'] = names.keys();
    metrics.refused(rpc, caller);
    throw new CallerNotAllowedError(rpc, caller);
  };
}

/** A few certificates make all calls, so their names are read once. */
const read = new Map<string, CertificateNames>();
const mostRemembered = 1_000;

function readNames(subjectAltName = ''): CertificateNames {
  const known = read.get(subjectAltName);
  if (known) return known;
  if (read.size >= mostRemembered) read.clear();
  const names = namesInCertificate(subjectAltName);
  read.set(subjectAltName, names);
  return names;
}
