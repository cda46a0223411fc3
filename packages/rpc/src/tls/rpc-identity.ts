import type { Logger } from '@credential-renewal/runtime';
import { type ChannelCredentials, experimental, type ServerCredentials } from '@grpc/grpc-js';
import { Counter, Gauge, type Registry } from 'prom-client';
import { type CertificateFiles, readCertificateFiles } from './certificate-files.ts';
import { namesInCertificate } from './certificate-names.ts';
import { createCertificateSource } from './certificate-provider.ts';

/** Who this process is to others, and whom it believes, as the files of a directory say; read again while it runs. */
export type RpcIdentity = {
  serverCredentials: ServerCredentials;
  /** For calls of the service of this name alone: a server with another service's certificate is not called. */
  channelCredentials(service: string): ChannelCredentials;
  /** Undefined: the files are used as they are. Otherwise why not, or that what is used has expired. */
  problem(): string | undefined;
  close(): void;
};

/**
 * Reads the directory, and again every `reloadMs`. What cannot be used changes nothing: the files before it stay in use, which the log
 * says once and `problem` until it is mended. New connections use new files at once; old ones end at the age at which
 * servers end connections. Throws `RpcCertificateUnusableError` when there is nothing to begin with.
 */
export function openRpcIdentity(options: {
  /** What the others call us. */
  name: string;
  directory: string;
  logger: Logger;
  metrics?: Registry;
  reloadMs?: number;
}): RpcIdentity {
  const { name, directory, logger, metrics, reloadMs = 5_000 } = options;
  let files = readCertificateFiles(directory, name);
  let problem: string | undefined;
  const source = createCertificateSource(files);
  const measured = measure(metrics, () => files.expiresAtMs);

  function reload(): void {
    try {
      const next = readAgain(directory, name);
      if (!isSame(files, next)) {
        files = next;
        source.use(next);
        measured.reloaded('used');
        const until = new Date(next.expiresAtMs).toISOString();
        logger.info({ valid_until: until }, 'a new certificate is in use');
      }
      problem = undefined;
    } catch (error) {
      const told = (error as Error).message;
      if (told === problem) return;
      problem = told;
      measured.reloaded('refused');
      logger.error(
        { err: error },
        'the certificate on the disk cannot be used; the one before is kept',
      );
    }
  }

  const timer = setInterval(reload, reloadMs).unref();
  const { provider } = source;
  return {
    serverCredentials: experimental.createCertificateProviderServerCredentials(
      provider,
      provider,
      true,
    ),
    channelCredentials: (service) =>
      experimental.createCertificateProviderChannelCredentials(provider, provider, {
        checkServerIdentity: (_, { subjectaltname }) =>
          checkServer(service, subjectaltname, logger),
      }),
    problem: () =>
      problem ??
      (files.expiresAtMs <= Date.now() ? 'the certificate in use has expired' : undefined),
    close: () => clearInterval(timer),
  };
}

/** Once more at once: between the reads of two files all of them may be exchanged. */
function readAgain(directory: string, name: string): CertificateFiles {
  try {
    return readCertificateFiles(directory, name);
  } catch {
    return readCertificateFiles(directory, name);
  }
}

function isSame(one: CertificateFiles, other: CertificateFiles): boolean {
  return (['certificate', 'privateKey', 'authorities'] as const).every((part) =>
    one[part].equals(other[part]),
  );
}

/** An authority that we believe has signed the certificate; now whether it is the right one's. */
function checkServer(
  service: string,
  subjectAltName: string | undefined,
  logger: Logger,
): Error | undefined {
  const names: string[] = [...namesInCertificate(subjectAltName).keys()];
  if (names.includes(service)) return undefined;
  logger.error(
    { called: service, names },
    'what answers for a service has the certificate of another',
  );
  return new Error(`The certificate is not that of ${service}`);
}

function measure(metrics: Registry | undefined, expiresAtMs: () => number) {
  if (!metrics) return { reloaded: () => undefined };
  const registers = [metrics];
  new Gauge({
    name: 'rpc_certificate_expiry_seconds',
    help: 'When the certificate in use expires, in seconds since 1970.',
    registers,
    collect() {
      this.set(expiresAtMs() / 1000);
    },
  });
  const reloads = new Counter({
    name: 'rpc_certificate_reloads_total',
    help: 'New certificates on the disk, by whether they were used or refused.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of ['used', 'refused']) reloads.inc({ outcome }, 0);
  return { reloaded: (outcome: 'used' | 'refused') => reloads.inc({ outcome }) };
}
