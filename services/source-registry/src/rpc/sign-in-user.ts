import {
  Role,
  type SignInUserRequest,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { checkInput } from '@credential-renewal/rpc';
import { uuidv7 } from '@credential-renewal/runtime';
import { ChangeContendedError, UserLeftError } from '../errors.ts';
import { userMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import type { User } from '../user.ts';

const maxAttempts = 100;

export function signInUser({ users, clock }: RegistryDeps): RegistryHandler<'signInUser'> {
  return async (request) => {
    checkInput((check) => {
      check.text('issuer', request.issuer, { maxLength: 500 });
      check.text('subject', request.subject, { maxLength: 500 });
      check.text('account_key', request.accountKey, { maxLength: 200 });
      check.text('account_name', request.accountName, { minLength: 0, maxLength: 200 });
      check.text('name', request.name, { minLength: 0, maxLength: 200 });
      check.text('email', request.email, { minLength: 0, maxLength: 320 });
      check.enumValue('role', request.role, Role);
    });
    const account = await users.ensureAccount({
      id: uuidv7(clock.nowMs()),
      issuer: request.issuer,
      key: request.accountKey,
      name: request.accountName || request.accountKey,
    });
    // Two first sign-ins of one person at the same time: the second finds what the first has made.
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const known = await users.findBySubject(account.id, request.issuer, request.subject);
      if (known?.left) throw new UserLeftError(known.id);
      const seen = asSeen(known ?? newUser(uuidv7(clock.nowMs())), account.id, request);
      const unchanged =
        known?.name === seen.name && known.email === seen.email && known.role === seen.role;
      if (unchanged || (await users.put(seen))) return { user: userMessage(seen, account) };
    }
    throw new ChangeContendedError('the user');
  };
}

type Before = Pick<User, 'id' | 'revision' | 'name' | 'email'>;

function newUser(id: string): Before {
  return { id, revision: 0, name: '', email: '' };
}

/**
 * The user as the identity provider describes them at this sign-in. An access token often carries neither name nor address: empty means
 * not told, and what was seen before stays, since mails go there.
 */
function asSeen(
  before: Before,
  accountId: string,
  { issuer, subject, name, email, role }: SignInUserRequest,
): User {
  return {
    id: before.id,
    accountId,
    issuer,
    subject,
    name: name || before.name || subject.slice(0, 200),
    email: email || before.email,
    role: role === Role.ADMIN ? 'admin' : 'member',
    left: false,
    revision: before.revision + 1,
  };
}
