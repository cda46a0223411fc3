import { checkInput } from '@credential-renewal/rpc';
import { requireCaller, requireConnection, requireSource } from '../caller.ts';
import { cutPage, readPage } from '../page.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { checkUseChoice, readUseChoice } from '../use-reference.ts';

export function listAuditEntries(deps: RegistryDeps): RegistryHandler<'listAuditEntries'> {
  return async (request) => {
    checkInput((check) => {
      check.id('caller_user_id', request.callerUserId);
      checkUseChoice(check, 'subject', request.subject);
      check.pageSize('page_size', request.pageSize);
    });
    const { limit, after } = readPage(request);
    const caller = await requireCaller(deps, request.callerUserId);
    const { kind, id } = readUseChoice(request.subject);
    if (kind === 'source') await requireSource(deps, caller, id);
    else await requireConnection(deps, caller, id);
    const found = await deps.uses.listAuditEntries(id, { limit: limit + 1, after });
    const { items, nextPageToken } = cutPage(found, limit, ({ position }) => ({
      order: position,
      id,
    }));
    return {
      entries: items.map(({ position, timeMs, actorName, action, text }) => ({
        id: `${id}-${position}`,
        time: new Date(timeMs),
        actorName,
        action,
        text,
      })),
      nextPageToken,
    };
  };
}
