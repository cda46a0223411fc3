type OutgoingRequestCode =
  | 'address_forbidden'
  | 'scheme_forbidden'
  | 'proxy_refused'
  | 'connection_failed'
  | 'connection_lost'
  | 'timeout'
  | 'answer_too_large';

/** No usable HTTP answer. `sent`: the request may have reached the server, so it may have acted on it. */
export class OutgoingRequestError extends Error {
  readonly code: OutgoingRequestCode;
  readonly sent: boolean;
  constructor(code: OutgoingRequestCode, text: string, sent: boolean, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.name = 'OutgoingRequestError';
    this.code = code;
    this.sent = sent;
  }
}
