import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { hasStatus } from '../api/problem-error.ts';
import { useSource } from '../api/queries.ts';
import { useDismissParameter } from '../shell/dismiss-parameter.ts';
import { Notice } from '../shell/notice.tsx';

type Props = {
  sourceId: string;
  /** Whether the list below shows it. */
  isListed: boolean;
  isListComplete: boolean;
};

/** What to say to somebody who followed a mail's link to a source that is gone, healthy already, or elsewhere. */
export function LinkedSourceNotice({ sourceId, isListed, isListComplete }: Props) {
  const source = useSource(sourceId);
  const dismiss = useDismissParameter('source');
  if (hasStatus(source.error, 403, 404)) {
    return (
      <Notice tone="info" title="This source no longer exists" onDismiss={dismiss}>
        <p>It was disconnected, or you have no access to it. There is nothing to do.</p>
      </Notice>
    );
  }
  if (source.data === undefined) return null;
  const { id, name, credential } = source.data;
  if (credential.status === 'healthy') {
    return (
      <Notice tone="ok" title="Already renewed, nothing to do" onDismiss={dismiss}>
        <p>{name} works.</p>
      </Notice>
    );
  }
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
