/** The gateway decides which targets are allowed; here a return target only has to be one. */
export const returnToLimits = { maxLength: 2_000 };

/** 32 bytes, base64url. */
export const browserSecretPattern = /^[\w-]{43}$/;
export const browserSecretRule = 'must be 32 bytes in base64url';

/** Providers send codes of up to some kilobytes (JWTs). */
export const callbackQueryLimits = { maxLength: 16_000 };

export const workerLimits = { maxLength: 100 };
