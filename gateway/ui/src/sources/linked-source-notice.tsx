import { Anchor } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { hasStatus } from '../api/problem-error.ts';
import { useSource, useSourceHistory } from '../api/queries.ts';
import { needsRenewal } from '../credential/credential-status.ts';
import { LinkedDrillNotice } from '../drill/linked-drill-notice.tsx';
import { useDismissParameters } from '../shell/dismiss-parameters.ts';
import { NoLongerThereNotice } from '../shell/no-longer-there-notice.tsx';
import { Notice } from '../shell/notice.tsx';
import { AlreadyHealedNotice } from './already-healed-notice.tsx';

type Props = {
  sourceId: string;
  /** Whether the list below shows it. */
  isListed: boolean;
  isListComplete: boolean;
};

/** What to say to somebody who followed a mail's link to a source that is gone, healthy already, or elsewhere. */
export function LinkedSourceNotice({ sourceId, isListed, isListComplete }: Props) {
  const source = useSource(sourceId);
  const isHealthy = source.data?.credential.status === 'healthy';
  const [search] = useSearchParams();
  const history = useSourceHistory(sourceId, isHealthy);
  const dismiss = useDismissParameters('source');
  if (hasStatus(source.error, 403, 404)) {
    return (
      <NoLongerThereNotice title="This source no longer exists" onDismiss={dismiss}>
        It was disconnected, or you have no access to it. There is nothing to do.
      </NoLongerThereNotice>
    );
  }
  if (source.data === undefined) return null;
  const { id, name, credential, drill } = source.data;
  // An old drill must not hide that it has expired for real.
  if (search.has('drill') && !needsRenewal(credential.status))
    return <LinkedDrillNotice drill={drill} />;
  const isAsked = credential.scopeUpgrade !== null;
  if (isHealthy) return <AlreadyHealedNotice {...{ name, isAsked, history }} onDismiss={dismiss} />;
  if (isListed || !isListComplete) return null;
  return (
    <Notice tone="info" title={`${name} is not in this list`} onDismiss={dismiss}>
      <p>
        <Anchor component={Link} to={`/sources/${id}`} underline="always">
          Open {name}
        </Anchor>{' '}
        to see how it stands.
      </p>
    </Notice>
  );
}
