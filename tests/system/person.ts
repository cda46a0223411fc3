import {
  createVisitor,
  type ProviderAnswers,
  VisitFailedError,
  type Visitor,
} from '@credential-renewal/demo-provider';
import type {
  Authorization,
  AuthorizationOutcome,
  AuthorizedConnection,
  CreatedAuthorizedConnection,
  CreatedSource,
  CredentialStatus,
  Me,
  NewSource,
  PageOf,
  Source,
} from '@credential-renewal/gateway/http-types';
import { expect } from 'vitest';
import type { Product } from './product.ts';
import { until } from './until.ts';

/** Somebody who is signed in, and what they do with the product. */
export type Person = Visitor & {
  me: Me;
  /** Adds a source and finishes its first authorization, unless a connection backs it. */
  addSource(source: NewSource, account?: string): Promise<Source>;
  addConnection(name: string, account: string): Promise<AuthorizedConnection>;
  mySources(): Promise<Source[]>;
  source(id: string): Promise<Source>;
  /** Goes through an authorization and answers with how it went. */
  finish(authorization: Authorization, answers: ProviderAnswers): Promise<AuthorizationOutcome>;
  /** From one of the entry points (`/my-sources/{id}`, ...) through the provider and back. */
  renew(entryPoint: string, answers: ProviderAnswers, body?: object): Promise<AuthorizationOutcome>;
  untilStatus(sourceId: string, status: CredentialStatus): Promise<Source>;
};

export async function signIn(
  { gatewayUrl }: Pick<Product, 'gatewayUrl'>,
  personaId: string,
): Promise<Person> {
  const visitor = createVisitor({ gatewayUrl });
  await visitor.signIn(personaId);
  const person: Person = {
    ...visitor,
    me: await visitor.call<Me>('GET', '/api/v1/me'),
    async addSource(source, account) {
      const created = await visitor.call<CreatedSource>('POST', '/api/v1/sources', source);
      if (created.authorization && account !== undefined) {
        const { status } = await person.finish(created.authorization, { account });
        expect(status).toBe('succeeded');
      }
      return person.source(created.source.id);
    },
    async addConnection(name, account) {
      const created = await visitor.call<CreatedAuthorizedConnection>(
        'POST',
        '/api/v1/authorized-connections',
        { connectorId: 'chatter-enterprise', name },
      );
      const { status } = await person.finish(created.authorization, { account });
      expect(status).toBe('succeeded');
      return created.authorizedConnection;
    },
    async mySources() {
      const page = await visitor.call<PageOf<Source>>('GET', '/api/v1/my-sources?pageSize=200');
      return page.items;
    },
    source: (id) => visitor.call<Source>('GET', `/api/v1/sources/${id}`),
    async finish({ id, authorizationUrl }, answers) {
      const end = await visitor.authorize(authorizationUrl, answers);
      if (end.searchParams.get('authorization') !== id)
        throw new VisitFailedError(`the way back ended at ${end.pathname}`);
      return visitor.call<AuthorizationOutcome>('GET', `/api/v1/authorizations/${id}`);
    },
    async renew(entryPoint, answers, body = {}) {
      const path = `/api/v1${entryPoint}/renewals`;
      return person.finish(await visitor.call<Authorization>('POST', path, body), answers);
    },
    untilStatus: (sourceId, status) =>
      until(async () => {
        const source = await person.source(sourceId);
        expect(source.credential.status, source.name).toBe(status);
        return source;
      }),
  };
  return person;
}
