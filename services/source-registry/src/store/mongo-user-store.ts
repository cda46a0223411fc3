import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import { type Account, isActiveAdmin, type User } from '../user.ts';
import type { UserStore } from './user-store.ts';

export function createMongoUserStore(database: MongoDatabase): UserStore {
  const accounts = openDocuments<Account>({
    ...{ database, name: 'accounts', schemaVersion: 1 },
    fields: { issuer: String, key: String },
    fieldsOf: ({ issuer, key }) => ({ issuer, key }),
  });
  const users = openDocuments<User>({
    ...{ database, name: 'users', schemaVersion: 1 },
    fields: { accountId: String, issuer: String, subject: String, activeAdmin: Boolean },
    fieldsOf: (user) => ({
      accountId: user.accountId,
      issuer: user.issuer,
      subject: user.subject,
      activeAdmin: isActiveAdmin(user),
    }),
  });
  const listUsers = async (question: Parameters<typeof users.list>[0]) =>
    (await users.list(question)).map(({ document }) => document);

  return {
    async ensureAccount(account) {
      const { id, issuer, key, name } = account;
      const find = () => accounts.first({ where: { issuer, key } });
      const known = await find();
      if (!known && (await accounts.insert(id, account))) return account;
      // Another replica may have been first.
      const stored = known ?? (await find());
      const named =
        stored &&
        (await accounts.update(stored._id, (document) =>
          document.name === name ? undefined : { document: { ...document, name } },
        ));
      if (!named) throw new Error(`The id ${id} is that of another account.`);
      return named;
    },
    findAccount: async (id) => (await accounts.find(id))?.document,

    put: (user) =>
      user.revision > 1
        ? users.replace(user.id, user.revision - 1, user)
        : users.insert(user.id, user),
    find: async (id) => (await users.find(id))?.document,
    findBySubject: async (accountId, issuer, subject) =>
      (await listUsers({ where: { accountId, issuer, subject } }))[0],
    findMany: (ids) => listUsers({ where: { _id: { $in: ids } } }),
    list: (accountId, { limit, after }) =>
      listUsers({
        where: { accountId, ...(after ? { _id: { $lt: after.id } } : {}) },
        ...{ sort: { _id: -1 }, limit },
      }),
    listActiveAdmins: (accountId) =>
      listUsers({ where: { accountId, activeAdmin: true }, sort: { _id: 1 } }),
  };
}
