import type { useSourceHistory } from '../api/queries.ts';
import { Notice } from '../shell/notice.tsx';
import { TimeAgo } from '../time/time-ago.tsx';
import { lastHealing } from './healing.ts';

type Props = {
  name: string;
  /** More access is asked for: what the mail was about is done, and this is not. */
  isAsked: boolean;
  history: ReturnType<typeof useSourceHistory>;
  onDismiss: () => void;
};

/** For somebody whose mail has been overtaken: who renewed it meanwhile, and when. */
export function AlreadyHealedNotice({ name, isAsked, history, onDismiss }: Props) {
  const healing = lastHealing(history.data?.pages.flatMap((page) => page.items) ?? []);
  const isRenewed = healing?.how !== 'recovered';
  return (
    <Notice
      tone="ok"
      title={`${isRenewed ? 'Already renewed' : 'It works again'}${isAsked ? '' : ', nothing to do'}`}
      onDismiss={onDismiss}
    >
      <p>
        {healing?.how === 'renewed' && (
          <>
            {healing.actorName} renewed the credentials <TimeAgo time={healing.time} />.{' '}
          </>
        )}
        {healing?.how === 'recovered' && (
          <>
            It has recovered by itself <TimeAgo time={healing.time} />.{' '}
          </>
        )}
        {name} works.{isAsked && ' It can be given more access below.'}
      </p>
    </Notice>
  );
}
