import type { Clock } from '@credential-renewal/runtime';
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose';

/** What a sealed value is for; a value sealed for one purpose does not open for another. */
export type SealPurpose = 'session' | 'sign-in';

export type Sealer = {
  /** Encrypts `claims`; it opens for `lifetimeMs`. */
  seal(purpose: SealPurpose, claims: JWTPayload, lifetimeMs: number): Promise<string>;
  /** Undefined: forged, of another purpose or key, or past its time. */
  open(purpose: SealPurpose, sealed: string): Promise<JWTPayload | undefined>;
};

/** Encrypted cookies: JWE (RFC 7516) `dir` with A256GCM around a JWT; both algorithms are pinned at opening. */
export function createSealer({ key, clock }: { key: Uint8Array; clock: Clock }): Sealer {
  return {
    seal(purpose, claims, lifetimeMs) {
      const nowSeconds = Math.floor(clock.nowMs() / 1000);
      return new EncryptJWT(claims)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(purpose)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + Math.floor(lifetimeMs / 1000))
        .encrypt(key);
    },
    async open(purpose, sealed) {
      try {
        const { payload } = await jwtDecrypt(sealed, key, {
          audience: purpose,
          currentDate: new Date(clock.nowMs()),
          requiredClaims: ['exp'],
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        return payload;
      } catch {
        // Whoever sent it learns nothing of why it does not open.
        return undefined;
      }
    },
  };
}
