import { DomainError } from '@credential-renewal/runtime';

export class UseExistsError extends DomainError {
  constructor(id: string) {
    super('already_exists', 'USE_EXISTS', `The source or connection ${id} exists.`);
  }
}
