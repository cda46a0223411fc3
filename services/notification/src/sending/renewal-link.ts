import type { AffectedUse } from '../notification.ts';

/**
 * The page of the account where what died waits with its button. The link grants nothing (semantics 23). One renewal
 * heals every use of the credential, so one link is enough: to the recipient's own source before a connection, and to
 * what they only look after for somebody else last.
 */
export function renewalLink(publicUrl: URL, uses: readonly AffectedUse[]): string {
  const use =
    uses.find((one) => one.kind === 'source' && isOwn(one)) ??
    uses.find((one) => one.kind === 'authorized_connection') ??
    uses[0];
  if (!use) return mySourcesLink(publicUrl);
  const id = encodeURIComponent(use.id);
  if (use.kind === 'authorized_connection') {
    return pageLink(publicUrl, `authorized-connections?connection=${id}`);
  }
  if (isOwn(use)) return pageLink(publicUrl, `my-sources?source=${id}`);
  return use.workspace
    ? pageLink(publicUrl, `workspaces/${encodeURIComponent(use.workspace.id)}?source=${id}`)
    : pageLink(publicUrl, `sources/${id}`);
}

export function mySourcesLink(publicUrl: URL): string {
  return pageLink(publicUrl, 'my-sources');
}

/** Where people choose how they are told. */
export function notificationSettingsLink(publicUrl: URL): string {
  return pageLink(publicUrl, 'notification-settings');
}

/** Where a page of the gateway turns reminders off, and where mail programs do so with one click (RFC 8058). */
export function unsubscribeLink(publicUrl: URL, token: string): string {
  return pageLink(publicUrl, `unsubscribe?token=${encodeURIComponent(token)}`);
}

function isOwn({ why }: AffectedUse): boolean {
  return why !== 'creator_left' && why !== 'administrator';
}

function pageLink(publicUrl: URL, page: string): string {
  return `${publicUrl.origin}${publicUrl.pathname.replace(/\/+$/, '')}/${page}`;
}
