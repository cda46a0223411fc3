import { useSearchParams } from 'react-router';
import { hasStatus } from '../api/problem-error.ts';
import { useAuthorizedConnection, useConnectionHistory } from '../api/queries.ts';
import { needsRenewal } from '../credential/credential-status.ts';
import { LinkedDrillNotice } from '../drill/linked-drill-notice.tsx';
import { useDismissParameters } from '../shell/dismiss-parameters.ts';
import { NoLongerThereNotice } from '../shell/no-longer-there-notice.tsx';
import { AlreadyHealedNotice } from '../sources/already-healed-notice.tsx';

/** What to say to somebody who followed a mail's link to a connection that is gone or healthy already. */
export function LinkedConnectionNotice({ connectionId }: { connectionId: string }) {
  const connection = useAuthorizedConnection(connectionId);
  const isHealthy = connection.data?.credential.status === 'healthy';
  const [search] = useSearchParams();
  const history = useConnectionHistory(connectionId, isHealthy);
  const dismiss = useDismissParameters('connection');
  if (hasStatus(connection.error, 403, 404)) {
    return (
      <NoLongerThereNotice title="This connection no longer exists" onDismiss={dismiss}>
        It was deleted, or is not shared with you. There is nothing to do.
      </NoLongerThereNotice>
    );
  }
  if (connection.data === undefined) return null;
  const { name, credential, drill } = connection.data;
  // An old drill must not hide that it has expired for real.
  if (search.has('drill') && !needsRenewal(credential.status))
    return <LinkedDrillNotice drill={drill} />;
  if (!isHealthy) return null;
  const isAsked = credential.scopeUpgrade !== null;
  return <AlreadyHealedNotice {...{ name, isAsked, history }} onDismiss={dismiss} />;
}
