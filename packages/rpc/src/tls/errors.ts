import { DomainError } from '@credential-renewal/runtime';

/** The files of `RPC_TLS_DIRECTORY` cannot be used; the message names the file and what is wrong with it. */
export class RpcCertificateUnusableError extends DomainError {
  constructor(file: string, problem: string, cause?: unknown) {
    super('failed_precondition', 'RPC_CERTIFICATE_UNUSABLE', `${file} ${problem}`, { cause });
  }
}
