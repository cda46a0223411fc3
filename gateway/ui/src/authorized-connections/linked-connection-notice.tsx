import { hasStatus } from '../api/problem-error.ts';
import { useAuthorizedConnection } from '../api/queries.ts';
import { useDismissParameter } from '../shell/dismiss-parameter.ts';
import { Notice } from '../shell/notice.tsx';

/** What to say to somebody who followed a mail's link to a connection that is gone or healthy already. */
export function LinkedConnectionNotice({ connectionId }: { connectionId: string }) {
  const connection = useAuthorizedConnection(connectionId);
  const dismiss = useDismissParameter('connection');
  if (hasStatus(connection.error, 403, 404)) {
    return (
      <Notice tone="info" title="This connection no longer exists" onDismiss={dismiss}>
        <p>It was deleted, or is not shared with you. There is nothing to do.</p>
      </Notice>
    );
  }
  if (connection.data?.credential.status !== 'healthy') return null;
  return (
    <Notice tone="ok" title="Already renewed, nothing to do" onDismiss={dismiss}>
      <p>{connection.data.name} works.</p>
    </Notice>
  );
}
