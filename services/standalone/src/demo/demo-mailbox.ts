import type { DemoMailbox } from '@credential-renewal/demo-provider';
import {
  type Mail,
  NotificationServiceService,
} from '@credential-renewal/proto/notification/v1/notification';
import type { RpcEndpoint } from '@credential-renewal/rpc';
import { DomainError } from '@credential-renewal/runtime';

/** The embedded mailbox as the demo world shows it: read over gRPC like by anybody else. */
export function openMailbox(
  rpc: RpcEndpoint,
  notificationAddress: string,
): DemoMailbox & { stop(): Promise<void> } {
  const notification = rpc.connect(NotificationServiceService, notificationAddress, {
    deadlineMs: 5_000,
  });
  return {
    async list({ to }) {
      const { mails } = await notification.listMails({
        pageSize: 200,
        pageToken: '',
        to: to ?? '',
      });
      return mails.map(summary);
    },
    async get(id) {
      try {
        const { mail } = await notification.getMail({ mailId: id });
        return mail && { ...summary(mail), html: mail.html, text: mail.text };
      } catch (error) {
        const unknown =
          error instanceof DomainError &&
          (error.kind === 'not_found' || error.kind === 'invalid_argument');
        if (unknown) return undefined;
        throw error;
      }
    },
    stop: async () => notification.close(),
  };
}

function summary({ id, to, subject, sentAt }: Mail) {
  return { id, to, subject, sentAt: (sentAt ?? new Date(0)).toISOString() };
}
