import { SetWorkspaceMemberRequest_Membership as RegistryMembership } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { Type } from 'typebox';
import { WorkspaceNotFoundError } from '../../errors.ts';
import { callerOf } from '../../session/caller.ts';
import { listAllWorkspaces } from '../all-workspaces.ts';
import type { App } from '../app-type.ts';
import { required } from '../mapping/time.ts';
import { toPage, toPaging } from '../paging.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses, NoContent } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { Membership, NewWorkspace, PageOf, PageQuery, Workspace } from '../schemas/index.ts';

const tags = ['workspaces'];

const memberships = {
  none: RegistryMembership.NONE,
  member: RegistryMembership.MEMBER,
  admin: RegistryMembership.ADMIN,
};

export function workspaceRoutes(app: App, { registry }: RouteDeps): void {
  app.get(
    '/workspaces',
    {
      schema: {
        tags,
        summary: 'The workspaces of the signed-in user',
        querystring: PageQuery,
        response: { 200: PageOf(Workspace), ...errorResponses },
      },
    },
    async (request) => {
      const page = await registry.listWorkspaces({
        callerUserId: callerOf(request).user.id,
        ...toPaging(request.query),
      });
      return toPage(page.workspaces, page.nextPageToken);
    },
  );

  app.post(
    '/workspaces',
    {
      schema: {
        tags,
        summary: 'Make a workspace',
        body: NewWorkspace,
        response: { 201: Workspace, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { workspace } = await registry.createWorkspace({
        callerUserId: callerOf(request).user.id,
        name: request.body.name.trim(),
      });
      return reply.code(201).send(required(workspace, 'workspace'));
    },
  );

  app.get(
    '/workspaces/:workspaceId',
    {
      schema: {
        tags,
        summary: 'One workspace',
        params: Type.Object({ workspaceId: PathId }),
        response: { 200: Workspace, ...errorResponses },
      },
    },
    async (request) => {
      const workspaces = await listAllWorkspaces(registry, callerOf(request).user.id);
      const found = workspaces.find(({ id }) => id === request.params.workspaceId);
      if (!found) throw new WorkspaceNotFoundError();
      return found;
    },
  );

  app.put(
    '/workspaces/:workspaceId/members/:userId',
    {
      schema: {
        tags,
        summary: 'Make somebody a member or administrator of a workspace, or neither',
        params: Type.Object({ workspaceId: PathId, userId: PathId }),
        body: Membership,
        response: { 204: NoContent, ...errorResponses },
      },
    },
    async (request, reply) => {
      await registry.setWorkspaceMember({
        callerUserId: callerOf(request).user.id,
        ...request.params,
        membership: memberships[request.body.membership],
      });
      return reply.code(204).send(null);
    },
  );
}
