import { expect, test, vi } from 'vitest';
import { makeMail } from '../testing/make-mail.ts';
import type { MailHandover } from './mail-handover.ts';
import {
  MailHandoverFailedError,
  MailRefusedError,
  TransportBusyError,
} from './transport-errors.ts';

/** A mail as it came to the other side, whatever the way. */
export type ArrivedMail = {
  fromName: string;
  fromAddress: string;
  toName: string;
  recipients: string[];
  subject: string;
  messageId: string | undefined;
  /** By name in lower case. */
  headers: Record<string, string>;
  text: string;
  html: string;
};

/** How the other side treats the next mail. */
export type OtherSide = 'refuse' | 'busy' | 'cut before' | 'cut after' | 'silent';

export type HandoverWorld = {
  handover: MailHandover;
  arrived(): ArrivedMail[];
  treatNext(treatment: OtherSide): void;
};

const patient = () => new AbortController().signal;

const everyByte = [
  '.',
  '..two dots, then a line of one:',
  '.',
  '',
  'trailing spaces and a tab  \t',
  ' leading space',
  'From the beginning of a line',
  '=3D =C3=A9 and a lone = at the end =',
  'Zoë, 名前, emoji 🔑, soft\u00adhyphen, no\u00a0break',
  'x'.repeat(5_000),
  'ü'.repeat(3_000),
  '-- ',
  'last line without an end',
].join('\n');

/** What `mail-handover.ts` promises, for any transport. */
export function mailHandoverContract(start: () => Promise<HandoverWorld>): void {
  const contract = (title: string, run: (world: HandoverWorld) => Promise<void>) =>
    test(title, async () => run(await start()));

  contract(
    'a mail that is accepted is there once, with sender, recipient and subject',
    async (w) => {
      await w.handover.handOver(makeMail(), patient());
      expect(w.arrived()).toMatchObject([
        {
          fromName: 'Credential Renewal',
          fromAddress: 'no-reply@app.example',
          toName: 'Ann',
          recipients: ['ann@example.com'],
          subject: 'Credentials expired in source',
          messageId: '<0190-notification-1@app.example>',
        },
      ]);
    },
  );

  contract('both bodies arrive as they were, to the byte', async (w) => {
    const html = `<p>${everyByte}</p>`;
    await w.handover.handOver(makeMail({ text: everyByte, html }), patient());
    const [mail] = w.arrived();
    expect(mail?.text.replace(/\n$/, '')).toBe(everyByte);
    expect(mail?.html.replace(/\n$/, '')).toBe(html);
  });

  contract('a second try of a mail has the same Message-ID', async (w) => {
    const id = `<${'0190a7c2-'.repeat(12)}@a-rather-long-name.of-a-host.app.example>`;
    await w.handover.handOver(makeMail({ messageId: id }), patient());
    await w.handover.handOver(makeMail({ messageId: id }), patient());
    expect(w.arrived().map(({ messageId }) => messageId)).toEqual([id, id]);
  });

  contract('machines are told not to answer, and how reminders end with one click', async (w) => {
    const unsubscribeUrl = `https://app.example/unsubscribe?token=${'t'.repeat(300)}`;
    await w.handover.handOver(makeMail({ unsubscribeUrl }), patient());
    await w.handover.handOver(makeMail(), patient());
    const [reminder, first] = w.arrived();
    expect(reminder?.headers).toMatchObject({
      'auto-submitted': 'auto-generated',
      'list-unsubscribe': `<${unsubscribeUrl}>`,
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
    });
    expect(first?.headers).not.toHaveProperty('list-unsubscribe');
  });

  for (const [name, shown] of [
    ['Doe, "J" \\ Inc. (Ltd); <x@y.example>', 'Doe, "J" \\ Inc. (Ltd); <x@y.example>'],
    ['Zoë O’Neil 名前 🔑', 'Zoë O’Neil 名前 🔑'],
    ['=?utf-8?Q?Eve?=', '=?utf-8?Q?Eve?='],
    ['Eve\r\nBcc: mallory@example.com', 'Eve Bcc: mallory@example.com'],
    ['Eve\n\nA body of my own', 'Eve A body of my own'],
    ['Eve\u2028X-Header: 1\u0000', 'Eve X-Header: 1'],
    ['', ''],
  ] as const) {
    contract(`the name ${JSON.stringify(name)} stays a name`, async (w) => {
      const to = { name, address: 'ann@example.com' };
      const from = { name, address: 'no-reply@app.example' };
      await w.handover.handOver(makeMail({ to, from }), patient());
      const [mail] = w.arrived();
      expect(mail).toMatchObject({
        toName: shown,
        fromName: shown,
        fromAddress: 'no-reply@app.example',
        recipients: ['ann@example.com'],
      });
      expect(mail?.headers).not.toHaveProperty('bcc');
      expect(mail?.headers).not.toHaveProperty('x-header');
      expect(mail?.text).toContain('Hello Ann');
    });
  }

  contract('a subject cannot begin a header', async (w) => {
    const subject = 'Expired: Zoë’s drive\r\nBcc: mallory@example.com\r\n\r\nA body of my own';
    await w.handover.handOver(makeMail({ subject }), patient());
    const [mail] = w.arrived();
    expect(mail?.subject).toBe('Expired: Zoë’s drive Bcc: mallory@example.com A body of my own');
    expect(mail?.headers).not.toHaveProperty('bcc');
    expect(mail?.text).toContain('Hello Ann');
  });

  contract('what is no address is refused before anybody is asked', async (w) => {
    for (const address of [
      '',
      'nobody',
      'a@x.example\r\nBcc: b@x.example',
      'a@x.example,b@x.example',
    ])
      await expect(
        w.handover.handOver(makeMail({ to: { name: 'Ann', address } }), patient()),
      ).rejects.toThrow(MailRefusedError);
    expect(w.arrived()).toEqual([]);
  });

  contract('a refused recipient is told from everything else, without the address', async (w) => {
    w.treatNext('refuse');
    const refused = w.handover.handOver(makeMail(), patient());
    await expect(refused).rejects.toThrow(MailRefusedError);
    await expect(refused).rejects.toMatchObject({ handedOver: 'no' });
    await expect(refused).rejects.not.toThrow('ann@example.com');
    await w.handover.handOver(makeMail(), patient());
    expect(w.arrived()).toHaveLength(1);
  });

  contract('who asks for patience gets it, and the mail is not blamed', async (w) => {
    w.treatNext('busy');
    const busy = w.handover.handOver(makeMail(), patient());
    await expect(busy).rejects.toThrow(TransportBusyError);
    await expect(busy).rejects.toMatchObject({
      handedOver: 'no',
      retryAfterMs: expect.any(Number),
    });
    expect(w.arrived()).toEqual([]);
  });

  contract('a connection that breaks after the mail had left: nobody knows', async (w) => {
    w.treatNext('cut after');
    const lost = w.handover.handOver(makeMail(), patient());
    await expect(lost).rejects.toThrow(MailHandoverFailedError);
    await expect(lost).rejects.toMatchObject({ handedOver: 'unknown' });
    expect(w.arrived()).toHaveLength(1);
  });

  contract('a connection that breaks is mended by the next mail', async (w) => {
    w.treatNext('cut before');
    await expect(w.handover.handOver(makeMail(), patient())).rejects.toThrow(
      MailHandoverFailedError,
    );
    expect(w.arrived()).toEqual([]);
    await w.handover.handOver(makeMail(), patient());
    expect(w.arrived()).toHaveLength(1);
  });

  contract(
    'given up while no answer comes: nobody knows, at once, and the next mail goes',
    async (w) => {
      w.treatNext('silent');
      const giving = new AbortController();
      const given = w.handover.handOver(makeMail(), giving.signal);
      const settled = expect(given).rejects.toMatchObject({
        code: 'MAIL_HANDOVER_FAILED',
        handedOver: 'unknown',
      });
      await vi.waitFor(() => expect(w.arrived()).toHaveLength(1), { timeout: 10_000 });
      giving.abort();
      await settled;
      await w.handover.handOver(makeMail({ messageId: '<next@app.example>' }), patient());
      expect(w.arrived().map(({ messageId }) => messageId)).toContain('<next@app.example>');
    },
  );

  contract('given up before it began: nothing was sent', async (w) => {
    await expect(w.handover.handOver(makeMail(), AbortSignal.abort())).rejects.toMatchObject({
      code: 'MAIL_HANDOVER_FAILED',
      handedOver: 'no',
    });
    expect(w.arrived()).toEqual([]);
  });

  contract('of 100 at once each arrives once, as itself', async (w) => {
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    await Promise.all(
      numbers.map((number) =>
        w.handover.handOver(
          makeMail({
            messageId: `<${number}@app.example>`,
            to: { name: `Person ${number}`, address: `p${number}@example.com` },
            text: `Text ${number}`,
          }),
          patient(),
        ),
      ),
    );
    const seen = w
      .arrived()
      .map((mail) => [mail.messageId, mail.toName, mail.recipients, mail.text.trim()].join(' '));
    expect(seen.sort()).toEqual(
      numbers.map((n) => `<${n}@app.example> Person ${n} p${n}@example.com Text ${n}`).sort(),
    );
  });
}
