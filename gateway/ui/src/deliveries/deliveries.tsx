import type { Delivery, DeliveryState } from '@credential-renewal/gateway/http-types';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClock,
  IconMailOff,
  IconSend,
} from '@tabler/icons-react';
import { useSourceDeliveries } from '../api/queries.ts';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import panel from '../shell/panel.module.css';
import { ShowMore } from '../shell/show-more.tsx';
import { TimeAgo, TimeUntil } from '../time/time-ago.tsx';
import classes from './deliveries.module.css';
import { kindWords, stateWords } from './delivery-words.ts';

/** Who was told about a source by mail, and whether it arrived. For administrators. */
export function Deliveries({ sourceId }: { sourceId: string }) {
  return (
    <section className={panel.panel} aria-labelledby="mails">
      <h2 id="mails" className={panel.title}>
        Mails
      </h2>
      <DeliveryList sourceId={sourceId} />
    </section>
  );
}

function DeliveryList({ sourceId }: { sourceId: string }) {
  const list = useSourceDeliveries(sourceId);
  if (list.data === undefined) {
    if (!list.isError) return <ListSkeleton label="Loading mails" rows={2} />;
    return (
      <ErrorState
        error={list.error}
        title="The mails could not be loaded"
        onRetry={() => list.refetch()}
      />
    );
  }
  const deliveries = list.data.pages.flatMap((page) => page.items);
  if (deliveries.length === 0)
    return <p className={classes.empty}>Nobody was told by mail about this source yet.</p>;
  return (
    <>
      <ul className={classes.list} aria-label="Mails">
        {deliveries.map((delivery) => (
          <DeliveryItem key={delivery.id} delivery={delivery} />
        ))}
      </ul>
      <ShowMore
        hasMore={list.hasNextPage}
        isLoading={list.isFetchingNextPage}
        onMore={list.fetchNextPage}
      />
    </>
  );
}

function DeliveryItem({ delivery }: { delivery: Delivery }) {
  const { recipient, state, stateAt, dueAt, sentAt, explanation } = delivery;
  const Icon = iconOf(state);
  return (
    <li className={classes.item}>
      <div className={classes.who}>
        <span className={classes.name}>{recipient.name}</span>
        <span className={classes.kind}>{kindWords(delivery)}</span>
      </div>
      <div className={classes.what}>
        <span className={classes.state} data-state={state}>
          <Icon size={16} stroke={1.9} aria-hidden />
          {stateWords(state)}
        </span>
        <span className={classes.when}>
          <TimeAgo time={stateAt} />
          {state === 'queued' && dueAt !== null && (
            <>
              , goes out <TimeUntil time={dueAt} />
            </>
          )}
          {state !== 'sent' && sentAt !== null && (
            <>
              , sent <TimeAgo time={sentAt} />
            </>
          )}
        </span>
        {explanation !== null && <span className={classes.why}>{explanation}</span>}
      </div>
    </li>
  );
}

function iconOf(state: DeliveryState) {
  switch (state) {
    case 'queued':
      return IconClock;
    case 'sent':
      return IconSend;
    case 'delivered':
      return IconCircleCheck;
    case 'cancelled':
      return IconMailOff;
    case 'bounced':
    case 'failed':
      return IconAlertTriangle;
    default:
      return state satisfies never;
  }
}
