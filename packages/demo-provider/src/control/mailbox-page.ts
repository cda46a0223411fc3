import type { DemoMailWithBodies } from '../mailbox.ts';
import { html, page } from '../pages/page-layout.ts';
import { shortTime } from './control-page.ts';

/** One mail; its HTML part is a frame of its own that may run nothing and leave only to the whole window. */
export function mailPage(mail: DemoMailWithBodies): string {
  return page({
    title: mail.subject,
    brand: 'Mailbox of the demo world',
    width: '48rem',
    body: html`<p><a href="/">Back to the demo world</a></p>
<article class="card"><h1>${mail.subject}</h1>
<dl><dt>To</dt><dd>${mail.to}</dd><dt>Sent</dt><dd>${shortTime(mail.sentAt)}</dd></dl>
<iframe title="The mail as HTML" src="/mailbox/${encodeURIComponent(mail.id)}/html" sandbox="allow-top-navigation-by-user-activation allow-popups"></iframe>
</article>
<section class="card"><h2>Plain text</h2><pre tabindex="0">${mail.text}</pre></section>`,
  });
}

/** What the frame shows: links lead out of it, because the product refuses to be framed. */
export function mailFrame(mail: DemoMailWithBodies): string {
  const base = '<base target="_top">';
  return /<head[^>]*>/i.test(mail.html)
    ? mail.html.replace(/<head[^>]*>/i, (head) => `${head}${base}`)
    : `${base}${mail.html}`;
}

export const mailFramePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation allow-popups";
