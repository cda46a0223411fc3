import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Person } from '../store/preferences-store.ts';

/** Whom a link of a reminder speaks of. */
export type Unsubscriber = Person & {
  /** Enough of the address for its owner to know it. */
  maskedAddress: string;
};

/**
 * The tokens of the links that turn reminders off. A token is made of whom it speaks of and an HMAC-SHA-256 (RFC 2104) over
 * that and its purpose, so none has to be stored, it works for as long as the key, and it grants nothing else.
 */
export type UnsubscribeTokens = {
  make(person: Person, address: string): string;
  /** Undefined: it is none of ours. */
  read(token: string): Unsubscriber | undefined;
};

const purpose = 'reminders';
const longestToken = 2_000;

export function createUnsubscribeTokens(key: Uint8Array): UnsubscribeTokens {
  const sign = (payload: string) =>
    createHmac('sha256', key).update(`${purpose}.${payload}`).digest();

  return {
    make({ accountId, userId }, address) {
      const spoken = JSON.stringify([accountId, userId, maskAddress(address)]);
      const payload = Buffer.from(spoken).toString('base64url');
      return `${payload}.${sign(payload).toString('base64url')}`;
    },

    read(token) {
      if (token.length > longestToken) return undefined;
      const [, payload, signature] = /^([\w-]+)\.([\w-]+)$/.exec(token) ?? [];
      if (payload === undefined || signature === undefined) return undefined;
      const given = Buffer.from(signature, 'base64url');
      const right = sign(payload);
      // The length is no secret, and a comparison of different lengths throws.
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      // Signed, so it is as we made it.
      const [accountId, userId, maskedAddress] = JSON.parse(
        Buffer.from(payload, 'base64url').toString('utf8'),
      ) as [string, string, string];
      return { accountId, userId, maskedAddress };
    },
  };
}

/** `a•••@e•••.com`: its owner knows it, and nobody else learns it. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  const ending = dot > 0 ? domain.slice(dot) : '';
  return `${firstLetter(address.slice(0, Math.max(0, at)))}•••@${firstLetter(domain)}•••${ending}`;
}

function firstLetter(text: string): string {
  return [...text][0] ?? '';
}
