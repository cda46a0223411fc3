import type { experimental } from '@grpc/grpc-js';
import type { CertificateFiles } from './certificate-files.ts';

type Provider = experimental.CertificateProvider;

export type CertificateSource = {
  /**
   * For `createCertificateProvider...Credentials` of grpc-js, as both of their first two parameters: in 1.14.7 the one for servers takes
   * them the other way round than it declares, which makes no difference to one that answers for both.
   */
  provider: Provider;
  /** Hands new files to every server and client. What is connected stays so. */
  use(files: CertificateFiles): void;
};

export function createCertificateSource(first: CertificateFiles): CertificateSource {
  let files = first;
  const authorityListeners = new Set<experimental.CaCertificateUpdateListener>();
  const identityListeners = new Set<experimental.IdentityCertificateUpdateListener>();
  const authorities = () => ({ caCertificate: files.authorities });
  const identity = () => ({ certificate: files.certificate, privateKey: files.privateKey });

  return {
    provider: {
      // Not at once: a server asks before it listens to itself.
      addCaCertificateListener(listener) {
        authorityListeners.add(listener);
        process.nextTick(() => authorityListeners.has(listener) && listener(authorities()));
      },
      removeCaCertificateListener: (listener) => void authorityListeners.delete(listener),
      addIdentityCertificateListener(listener) {
        identityListeners.add(listener);
        process.nextTick(() => identityListeners.has(listener) && listener(identity()));
      },
      removeIdentityCertificateListener: (listener) => void identityListeners.delete(listener),
    },
    use(next) {
      files = next;
      for (const listener of authorityListeners) listener(authorities());
      for (const listener of identityListeners) listener(identity());
    },
  };
}
