import {
  type Failure,
  Failure_Kind,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Provider } from '../catalogue/catalogue.ts';
import type { Refusal } from './refusal.ts';
import { failureOf } from './verdict.ts';

/**
 * What it means that an identity call did not confirm an access token. A 401 says that this token is not taken (RFC 6750
 * section 3.1); unless the catalogue knows the word, a second try has to confirm it. A 403 alone may be a missing scope.
 */
export function identityFailureOf(
  provider: Provider,
  refusal: Refusal,
  accessToken: string,
): Failure {
  const failure = failureOf(provider, refusal, [accessToken]);
  return failure.kind === Failure_Kind.TRANSIENT && refusal.httpStatus === 401
    ? { ...failure, kind: Failure_Kind.GRANT_REFUSED_UNCONFIRMED, answerLost: false }
    : { ...failure, answerLost: false };
}
