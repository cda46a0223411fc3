export type Membership = 'member' | 'admin';

export type Workspace = {
  id: string;
  accountId: string;
  name: string;
  members: { userId: string; membership: Membership }[];
  createdAtMs: number;
  /** Counts the changes of this document; the store compares it. */
  revision: number;
};

export function membershipOf(workspace: Workspace, userId: string): Membership | undefined {
  return workspace.members.find((member) => member.userId === userId)?.membership;
}

/** Undefined: it is like that already. */
export function withMembership(
  workspace: Workspace,
  userId: string,
  membership: Membership | undefined,
): Workspace | undefined {
  if (membershipOf(workspace, userId) === membership) return undefined;
  const others = workspace.members.filter((member) => member.userId !== userId);
  return {
    ...workspace,
    members: membership === undefined ? others : [...others, { userId, membership }],
  };
}
