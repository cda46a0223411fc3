import {
  type User as RegistryUser,
  Role,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { Static } from 'typebox';
import type { Me, User } from '../schemas/index.ts';
import { required } from './time.ts';

export function toRole(role: Role): 'member' | 'admin' {
  return role === Role.ADMIN ? 'admin' : 'member';
}

export function toUser(user: RegistryUser): User {
  return { id: user.id, name: user.name, role: toRole(user.role), left: user.left };
}

export function toMe(user: RegistryUser): Static<typeof Me> {
  const account = required(user.account, 'account');
  return {
    user: { id: user.id, name: user.name, email: user.email },
    account: { id: account.id, name: account.name },
    role: toRole(user.role),
  };
}
