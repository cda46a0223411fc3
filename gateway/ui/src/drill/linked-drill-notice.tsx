import type { WaitingDrill } from '@credential-renewal/gateway/http-types';
import { useSearchParams } from 'react-router';
import { useDismissParameters } from '../shell/dismiss-parameters.ts';
import { Notice } from '../shell/notice.tsx';

/** What to say to somebody who followed the link of a drill's mail (`?drill=`); `drill`: what waits for them there now. */
export function LinkedDrillNotice({ drill }: { drill: WaitingDrill | null }) {
  const [search] = useSearchParams();
  const dismiss = useDismissParameters('drill', 'source', 'connection');
  const drillId = search.get('drill');
  if (drillId === null) return null;
  if (drill?.id === drillId)
    return (
      <Notice tone="info" title="This is a drill" onDismiss={dismiss}>
        <p>Nothing has expired. Press the button that is marked “Drill”.</p>
      </Notice>
    );
  return (
    <Notice tone="info" title="There is nothing to do" onDismiss={dismiss}>
      <p>The mail was a drill, and nothing had expired. It is over, or you have reacted already.</p>
    </Notice>
  );
}
