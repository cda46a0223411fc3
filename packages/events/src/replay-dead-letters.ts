import type { DeadLetterBox, WaitingLetter } from './dead-letter-box.ts';
import { MessageUnreadableError } from './errors.ts';
import { replayTopic } from './topic-partition.ts';

/**
 * Has a group handle its dead letters again, up to `limit` of them, or with `list` only tells of them; a line for each, and one in the end. They
 * go to a topic of their own: in the one they came from, an old state would become the last of its key.
 */
export async function replayDeadLetters(options: {
  box: DeadLetterBox;
  group: string;
  list: boolean;
  limit: number;
  tell: (line: string) => void;
}): Promise<void> {
  const { box, group, list, limit, tell } = options;
  let seen = 0;
  let unreadable = 0;
  for await (const letter of box.waiting()) {
    if (seen === limit) break;
    seen++;
    if (letter.content instanceof MessageUnreadableError) unreadable++;
    if (!list) await letter.settle();
    tell(describeLetter(letter));
  }
  const readable = seen - unreadable;
  tell(
    list
      ? `${seen} dead letters of ${group} wait, ${unreadable} of them cannot be read`
      : `${readable} dead letters of ${group} are in ${replayTopic(group)}, ${unreadable} that cannot be read wait on`,
  );
}

function describeLetter({ partition, offset, deadLetter, content }: WaitingLetter): string {
  const place = `partition ${partition}, offset ${offset}`;
  const what =
    content instanceof MessageUnreadableError
      ? 'no event'
      : `${content.type} of ${content.subject}, event ${content.id}`;
  const origin = deadLetter
    ? `from ${deadLetter.topic}, partition ${deadLetter.partition}, offset ${deadLetter.offset}: ${deadLetter.error}`
    : 'of unknown origin';
  return `${place}: ${what}, ${origin}`;
}
