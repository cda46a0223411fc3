import { type Html, html, page } from '../pages/page-layout.ts';
import { answerModes } from '../token-endpoint.ts';
import type { GrantView, ProviderView, WorldState } from './world-controls.ts';

/**
 * Brings grants and mails up to date without a reload; a section that somebody works in (focus inside) is left alone
 * until they are done.
 */
const liveScript = `
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch('/').catch(() => undefined);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ['grants', 'mailbox', 'ended']) {
    const mine = document.getElementById(id), theirs = fresh.getElementById(id);
    if (mine && theirs && !mine.contains(document.activeElement) && mine.innerHTML !== theirs.innerHTML) mine.innerHTML = theirs.innerHTML;
  }
}, 2000);`;

export function controlPage(state: WorldState): string {
  const names = new Map(state.providers.map((provider) => [provider.id, provider.name]));
  return page({
    title: 'Demo world',
    brand: 'Demo world of Credential Renewal',
    width: '56rem',
    script: liveScript,
    body: html`<h1>Demo world</h1>
<p>Break something here and watch <a href="${state.gatewayUrl}/my-sources">the product</a> notice.
Every mail that it sends is below.</p>
<section class="card" aria-labelledby="grants-title"><h2 id="grants-title">Grants</h2>
<div id="grants">${grantList(
      state.grants.filter((grant) => grant.alive),
      names,
    )}</div></section>
<section class="card" aria-labelledby="mailbox-title"><h2 id="mailbox-title">Mailbox</h2>
<div id="mailbox">${mailList(state)}</div></section>
${state.providers.map(providerCard)}
<section class="card"><h2>Time and the sync worker</h2>
<div class="row">
${[
  [3600, 'an hour'],
  [86_400, 'a day'],
  [604_800, 'a week'],
].map(([seconds, name]) =>
  postButton('/control/clock', `Move the clock ${name} ahead`, { advanceSeconds: String(seconds) }),
)}
${postButton('/control/worker', state.worker.paused ? 'Let the sync worker go on' : 'Pause the sync worker', { paused: String(!state.worker.paused) })}
</div></section>
<section class="card" aria-labelledby="ended-title"><h2 id="ended-title">Ended grants</h2>
<div id="ended">${grantList(
      state.grants.filter((grant) => !grant.alive),
      names,
    )}</div></section>`,
  });
}

const shownAtMost = 100;

function grantList(grants: GrantView[], names: Map<string, string>): Html {
  if (grants.length === 0) return html`<p class="muted">None.</p>`;
  const left = grants.length - shownAtMost;
  return html`<ul class="plain">${grants.slice(0, shownAtMost).map(
    (grant) => html`<li><div class="row">
<div style="flex:1 1 16rem"><strong>${names.get(grant.provider) ?? grant.provider}</strong>, ${grant.account}<br>
<small class="muted">${grant.scopes.join(', ')}</small><br>
<small class="muted">since ${shortTime(grant.since)}${grant.lastUse ? html`, used ${shortTime(grant.lastUse)}` : ''}</small>
${grant.alive ? '' : html`<br><small class="bad">Ended ${shortTime(grant.endedAt)}: ${grant.endedBy}</small>`}</div>
${grant.alive ? postButton(`/control/grants/${grant.id}/withdraw`, 'Withdraw the grant', {}, `of ${grant.account} at ${names.get(grant.provider)}`) : ''}
</div></li>`,
  )}</ul>${left > 0 ? html`<p class="muted">and ${left} more</p>` : ''}`;
}

function mailList(state: WorldState): Html {
  if (state.mailbox.length === 0) return html`<p class="muted">No mail has been sent yet.</p>`;
  return html`<ul class="plain">${state.mailbox.map(
    (mail) => html`<li><a href="/mailbox/${encodeURIComponent(mail.id)}">${mail.subject}</a><br>
<small class="muted">to ${mail.to}, ${shortTime(mail.sentAt)}</small></li>`,
  )}</ul>`;
}

function providerCard(provider: ProviderView): Html {
  const path = `/control/providers/${provider.id}`;
  const requests = Object.values(provider.counters.tokenRequests).reduce((a, b) => a + b, 0);
  return html`<section class="card" aria-labelledby="provider-${provider.id}"><h2 id="provider-${provider.id}">${provider.name}</h2>
<p class="muted">${provider.quirk}</p>
<p>Token endpoint: <strong>${provider.mode}</strong>${provider.timesLeft ? `, ${provider.timesLeft} more times` : ''}. ${requests} token requests so far.</p>
<div class="row">
${
  provider.id === 'chatter'
    ? ''
    : [
        postButton(`${path}/expire-access-tokens`, 'Let access tokens expire', {}, provider.name),
        postButton(`${path}/expire-refresh-tokens`, 'Let refresh tokens expire', {}, provider.name),
      ]
}
${narrowButton(provider, path)}
<form method="post" action="${path}/mode" class="row">
<select name="mode" aria-label="Answers of the token endpoint of ${provider.name}">
${answerModes.map((mode) => html`<option value="${mode}"${mode === provider.mode ? { html: ' selected' } : ''}>${modeNames[mode]}</option>`)}
</select><button>Set<span class="visually-hidden"> answers of ${provider.name}</span></button></form>
</div></section>`;
}

/** What an administrator of the provider could do: let people give the first scope only. */
function narrowButton(provider: ProviderView, path: string): Html | undefined {
  const [first, ...others] = provider.scopes;
  if (first === undefined || others.length === 0) return undefined;
  return provider.narrowedScopes === null
    ? postButton(
        `${path}/narrow`,
        `Let consent give only ${first}`,
        { scopes: first },
        provider.name,
      )
    : postButton(`${path}/narrow`, 'Let consent give every scope again', {}, provider.name);
}

const modeNames: Record<(typeof answerModes)[number], string> = {
  normal: 'Answer normally',
  '500': 'Answer 500',
  '429': 'Answer 429, retry later',
  html: 'Answer an HTML page',
  slow: 'Answer slowly',
  cut: 'Cut the connection',
  refuse_client: 'Refuse the client secret',
};

function postButton(
  action: string,
  label: string,
  fields: Record<string, string>,
  about?: string,
): Html {
  return html`<form method="post" action="${action}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>${label}${about ? html`<span class="visually-hidden"> ${about}</span>` : ''}</button></form>`;
}

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** `3 May, 14:05 UTC`; the clock of this world is moved, so it is never told relative to the reader's. */
export function shortTime(time: string | null): Html {
  if (time === null) return html``;
  return html`<time datetime="${time}">${timeFormat.format(new Date(time))} UTC</time>`;
}
