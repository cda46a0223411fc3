import type {
  SourceRegistryServiceService,
  User,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';
import type { Clock } from '@credential-renewal/runtime';

/** For this long somebody who has left can still act. */
const cacheMs = 5_000;
const cacheSize = 10_000;

export type UserDirectory = {
  /** Rejects with USER_NOT_FOUND or USER_LEFT of the registry. */
  get(userId: string): Promise<User>;
  /** Something about this user has changed. */
  forget(userId: string): void;
};

/** Users as the registry knows them now, asked at most every 5 seconds for each. */
export function createUserDirectory(options: {
  registry: Pick<RpcClient<typeof SourceRegistryServiceService>, 'getUser'>;
  clock: Clock;
}): UserDirectory {
  const known = new Map<string, { user: Promise<User>; untilMs: number }>();

  async function ask(userId: string): Promise<User> {
    const { user } = await options.registry.getUser({ userId });
    if (!user) throw new Error('the registry answered without a user');
    return user;
  }

  return {
    get(userId) {
      const nowMs = options.clock.nowMs();
      const kept = known.get(userId);
      if (kept && kept.untilMs > nowMs) return kept.user;
      const user = ask(userId);
      known.delete(userId);
      known.set(userId, { user, untilMs: nowMs + cacheMs });
      user.catch(() => known.delete(userId));
      // The oldest entry goes first: a Map keeps the order of insertion.
      if (known.size > cacheSize) known.delete(known.keys().next().value ?? '');
      return user;
    },
    forget(userId) {
      known.delete(userId);
    },
  };
}
