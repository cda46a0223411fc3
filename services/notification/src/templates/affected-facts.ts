import type { AffectedUse, Notification } from '../notification.ts';
import { type Block, facts, note } from './mail-document.ts';
import { messages, timeInWords } from './messages.ts';

/** What is affected, at which provider, since when (or from when to when). */
export function affectedFacts(notification: Notification): Block {
  const { uses, dependentSources, trouble, recoveredAtMs } = notification;
  return facts([
    ...uses.map((use) => ({ label: useLabel(use), value: messages.use(use) })),
    ...(dependentSources.length === 0
      ? []
      : [{ label: messages.dependentSourcesLabel, value: dependentSources.join(', ') }]),
    { label: messages.providerLabel, value: trouble.providerName },
    recoveredAtMs === undefined
      ? { label: messages.sinceLabel, value: timeInWords(trouble.sinceMs) }
      : {
          label: messages.outageLabel,
          value: messages.outage(timeInWords(trouble.sinceMs), timeInWords(recoveredAtMs)),
        },
  ]);
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

/** Why this person is told; each reason once, and those for people who left always with the name. */
export function whyNotes(uses: readonly AffectedUse[]): Block[] {
  const seen = new Set<string>();
  const notes: Block[] = [];
  for (const use of uses) {
    const reason = use.why === 'creator_left' ? `${use.why} ${use.id}` : use.why;
    if (seen.has(reason)) continue;
    seen.add(reason);
    notes.push(note(messages.why(use)));
  }
  return notes;
}
