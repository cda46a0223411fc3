import { DomainError } from '@credential-renewal/runtime';

type WhyUnsigned = 'missing' | 'wrong' | 'old' | 'early';

const sentences: Record<WhyUnsigned, string> = {
  missing: 'The report carries no signature with a timestamp.',
  wrong: 'The signature of the report is not one of its provider.',
  old: 'The report was signed too long ago: it may be a replay.',
  early: 'The report was signed in the future: one of the clocks is wrong.',
};

/** Nothing of the report was read. */
export class DeliveryReportUnsignedError extends DomainError {
  readonly why: WhyUnsigned;
  constructor(why: WhyUnsigned) {
    super('unauthenticated', 'DELIVERY_REPORT_UNSIGNED', sentences[why]);
    this.why = why;
  }
}

/** Well signed, and still not what the provider documents. */
export class DeliveryReportMalformedError extends DomainError {
  constructor(what: string) {
    super('invalid_argument', 'DELIVERY_REPORT_MALFORMED', `The report cannot be read: ${what}.`);
  }
}

export class DeliveryReportsNotExpectedError extends DomainError {
  constructor() {
    super(
      'failed_precondition',
      'DELIVERY_REPORTS_NOT_EXPECTED',
      'The mail transport that is configured sends no reports, or the key of their signatures is not configured.',
    );
  }
}
