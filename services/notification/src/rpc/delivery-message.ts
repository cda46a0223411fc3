import { type Delivery, DeliveryState } from '@credential-renewal/proto/notification/v1/deliveries';
import type { Notification, NotificationState } from '../notification.ts';
import { explanations } from '../reports/explanations.ts';

export function toDeliveryMessage(notification: Notification): Delivery {
  const { id, episodeId, kind, recipient, state, createdAtMs, sentAtMs } = notification;
  const isQueued = state === 'waiting' || state === 'handing_over';
  const stateAtMs = isQueued ? createdAtMs : (notification.stateAtMs ?? sentAtMs ?? createdAtMs);
  return {
    notificationId: id,
    episodeId,
    kind,
    recipientUserId: recipient.userId,
    recipientName: recipient.name,
    state: stateMessage(state),
    stateAt: new Date(stateAtMs),
    queuedAt: new Date(createdAtMs),
    dueAt: state === 'waiting' ? new Date(notification.dueAtMs) : undefined,
    sentAt: sentAtMs === undefined ? undefined : new Date(sentAtMs),
    explanation: explanationOf(notification),
    inDigest: notification.inDigest,
  };
}

function stateMessage(state: NotificationState): DeliveryState {
  switch (state) {
    case 'waiting':
    case 'handing_over':
      return DeliveryState.QUEUED;
    case 'sent':
      return DeliveryState.SENT;
    case 'delivered':
      return DeliveryState.DELIVERED;
    case 'bounced':
      return DeliveryState.BOUNCED;
    case 'cancelled':
      return DeliveryState.CANCELLED;
    case 'failed':
      return DeliveryState.FAILED;
    default:
      return state satisfies never;
  }
}

function explanationOf({ state, explanation, failure }: Notification): string {
  if (explanation) return explanations[explanation.code](explanation.text ?? '');
  if (failure) return explanations[failure]('');
  // Of the first release, which cancelled for one reason only and did not write it down.
  return state === 'cancelled' ? explanations.over('') : '';
}
