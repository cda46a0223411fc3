import {
  DeliveryState,
  type Delivery as MailDelivery,
} from '@credential-renewal/proto/notification/v1/deliveries';
import type { Delivery, DeliveryState as HttpState } from '../schemas/index.ts';
import { optionalTime, requiredTime } from './time.ts';

export function toDelivery(delivery: MailDelivery): Delivery {
  return {
    id: delivery.notificationId,
    episodeId: delivery.episodeId,
    kind: delivery.kind,
    recipient: { id: delivery.recipientUserId, name: delivery.recipientName },
    state: toState(delivery.state),
    stateAt: requiredTime(delivery.stateAt, 'state_at'),
    queuedAt: requiredTime(delivery.queuedAt, 'queued_at'),
    dueAt: optionalTime(delivery.dueAt),
    sentAt: optionalTime(delivery.sentAt),
    explanation: delivery.explanation === '' ? null : delivery.explanation,
    inDigest: delivery.inDigest,
  };
}

function toState(state: DeliveryState): HttpState {
  switch (state) {
    case DeliveryState.QUEUED:
    case DeliveryState.UNSPECIFIED:
      return 'queued';
    case DeliveryState.SENT:
      return 'sent';
    case DeliveryState.DELIVERED:
      return 'delivered';
    case DeliveryState.BOUNCED:
      return 'bounced';
    case DeliveryState.CANCELLED:
      return 'cancelled';
    case DeliveryState.FAILED:
      return 'failed';
    default:
      return state satisfies never;
  }
}
