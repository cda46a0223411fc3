import type { Clock, Logger } from '@credential-renewal/runtime';
import type { SqliteDatabase } from '@credential-renewal/storage';
import type { DemoSecrets } from './demo-secrets.ts';
import type { GrantBook } from './grant-book.ts';

/** What every part of the demo world is made from. */
export type DemoContext = {
  /** `http://host:port`, without a slash at the end. */
  origin: string;
  gatewayUrl: string;
  /** The product's client id at the identity provider and at every OAuth provider. */
  clientId: string;
  clock: Clock;
  logger: Logger;
  database: SqliteDatabase;
  grants: GrantBook;
  secrets: DemoSecrets;
  /** How long `slow` keeps an answer back unless the control call says otherwise. */
  slowAnswerMs: number;
};
