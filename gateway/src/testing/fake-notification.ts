import {
  NotificationDeliveryServiceService,
  type ReceiveDeliveryReportsRequest,
} from '@credential-renewal/proto/notification/v1/deliveries';
import {
  MailTiming,
  NotificationPreferencesServiceService,
  type Preferences,
} from '@credential-renewal/proto/notification/v1/preferences';
import { type RpcHandlers, serve } from '@credential-renewal/rpc';
import { DomainError } from '@credential-renewal/runtime';
import { withDefaults } from './fake-services.ts';

type Handlers = Partial<
  RpcHandlers<typeof NotificationPreferencesServiceService> &
    RpcHandlers<typeof NotificationDeliveryServiceService>
>;

export type FakeNotification = Handlers & {
  /** By user. */
  chosen: Map<string, Preferences>;
  /** The tokens that unsubscribed somebody, each as often as it did. */
  unsubscribed: string[];
  reports: ReceiveDeliveryReportsRequest[];
};

export const knownToken = 'known.token_of-a.mail';

/** Knows one token, and remembers what it was asked to change. */
export function createFakeNotification(): FakeNotification {
  const chosen = new Map<string, Preferences>();
  const unsubscribed: string[] = [];
  const reports: ReceiveDeliveryReportsRequest[] = [];
  return {
    ...{ chosen, unsubscribed, reports },
    async getPreferences({ userId }) {
      return {
        preferences: chosen.get(userId) ?? { timing: MailTiming.IMMEDIATE, reminders: true },
      };
    },
    async setPreferences({ userId, preferences }) {
      if (preferences) chosen.set(userId, preferences);
      return { preferences };
    },
    async describeUnsubscribe({ token }) {
      requireKnown(token);
      return { maskedAddress: 'u•••@acme.example', alreadyOff: unsubscribed.length > 0 };
    },
    async unsubscribe({ token }) {
      requireKnown(token);
      unsubscribed.push(token);
      return { maskedAddress: 'u•••@acme.example' };
    },
    async receiveDeliveryReports(request) {
      reports.push(request);
      return { accepted: 1, ignored: 0 };
    },
  };
}

export function serveNotification(fake: FakeNotification) {
  const { chosen: _chosen, unsubscribed: _unsubscribed, reports: _reports, ...handlers } = fake;
  return [
    serve(
      NotificationPreferencesServiceService,
      withDefaults(NotificationPreferencesServiceService, handlers),
    ),
    serve(
      NotificationDeliveryServiceService,
      withDefaults(NotificationDeliveryServiceService, handlers),
    ),
  ];
}

function requireKnown(token: string): void {
  if (token !== knownToken)
    throw new DomainError('not_found', 'UNSUBSCRIBE_TOKEN_UNKNOWN', 'There is no such token.');
}
