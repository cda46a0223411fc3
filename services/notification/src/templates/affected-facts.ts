import type { AffectedUse, Notification } from '../notification.ts';
import { type Block, facts, note } from './mail-document.ts';
import { messages, namesInSeries, timeInWords } from './messages.ts';

/**
 * What is affected, at which provider, since when (or from when to when). `listedAtMost` bounds the names: one credential
 * can have hundreds of uses.
 */
export function affectedFacts(notification: Notification, listedAtMost: number): Block {
  const { uses, dependentSources, trouble } = notification;
  return facts([
    ...uses
      .slice(0, listedAtMost)
      .map((use) => ({ label: useLabel(use), value: messages.use(use) })),
    ...(uses.length <= listedAtMost
      ? []
      : [{ label: messages.moreLabel, value: messages.moreSources(uses.length - listedAtMost) }]),
    ...(dependentSources.length === 0
      ? []
      : [
          {
            label: messages.dependentSourcesLabel,
            value: namesInSeries(dependentSources, listedAtMost),
          },
        ]),
    { label: messages.providerLabel, value: trouble.providerName },
    timeRow(notification),
  ]);
}

function timeRow({ trouble, recoveredAtMs, kind, expiresAtMs = 0 }: Notification) {
  if (kind === 'expiring') return { label: messages.endsLabel, value: timeInWords(expiresAtMs) };
  const since = timeInWords(trouble.sinceMs);
  return recoveredAtMs === undefined
    ? { label: messages.sinceLabel, value: since }
    : { label: messages.outageLabel, value: messages.outage(since, timeInWords(recoveredAtMs)) };
}

function useLabel(use: AffectedUse): string {
  switch (use.kind) {
    case 'source':
      return messages.sourceLabel;
    case 'authorized_connection':
      return messages.connectionLabel;
    default:
      return use.kind satisfies never;
  }
}

/** Why this person is told; each reason once, and those for other people's always with the name. */
export function whyNotes(uses: readonly AffectedUse[]): Block[] {
  const seen = new Set<string>();
  const notes: Block[] = [];
  for (const use of uses) {
    const isOthers = use.why === 'creator_left' || use.why === 'administrator';
    const reason = isOthers ? `${use.why} ${use.id}` : use.why;
    if (seen.has(reason)) continue;
    seen.add(reason);
    notes.push(note(messages.why(use)));
  }
  return notes;
}
