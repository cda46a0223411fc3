import { DomainError } from '@credential-renewal/runtime';

export class AuthorizationExistsError extends DomainError {
  constructor(id: string) {
    super('already_exists', 'AUTHORIZATION_EXISTS', `The authorization ${id} exists.`);
  }
}
