import { parseArgs } from 'node:util';
import { ConfigurationInvalidError, readSettings, systemClock } from '@credential-renewal/runtime';
import type { DeadLetterBox } from './dead-letter-box.ts';
import { openEmbeddedDeadLetterBox } from './embedded-dead-letter-box.ts';
import { type EventLogSettings, readEventLogSettings } from './event-log-settings.ts';
import { openKafkaDeadLetterBox } from './kafka/kafka-dead-letter-box.ts';
import { readPositive } from './read-positive.ts';
import { replayDeadLetters } from './replay-dead-letters.ts';
import { type Command, runCommand } from './run-command.ts';
import { consumerGroups } from './topic-partition.ts';

const usage = `Has a group handle its dead letters again, from where the last replay ended. The event log is that of EVENT_LOG_URL; an embedded
one must not be in use.

  node packages/events/src/replay-dead-letters.main.ts --group ${consumerGroups.join('|')} [--list] [--limit N]

  --list     only tells what waits
  --limit N  no more than so many`;

await runCommand({ env: process.env, args: process.argv.slice(2) }, async (command) => {
  const { values } = parseArgs({
    args: command.args,
    options: {
      group: { type: 'string', default: '' },
      list: { type: 'boolean', default: false },
      limit: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    command.tell(usage);
    return 0;
  }
  const { group, list } = values;
  if (!consumerGroups.includes(group)) {
    throw new ConfigurationInvalidError([`--group must be one of ${consumerGroups.join(', ')}`]);
  }
  const limit = values.limit === undefined ? Infinity : readPositive('--limit', values.limit);
  const box = await openBox(readSettings(command.env, readEventLogSettings), group, command);
  try {
    await replayDeadLetters({ box, group, list, limit, tell: command.tell });
    return 0;
  } finally {
    await box.close();
  }
});

async function openBox(
  settings: EventLogSettings,
  group: string,
  { logger }: Command,
): Promise<DeadLetterBox> {
  const common = { group, clock: systemClock, logger };
  switch (settings.engine) {
    case 'embedded':
      return openEmbeddedDeadLetterBox({ directory: settings.directory, ...common });
    case 'kafka':
      return openKafkaDeadLetterBox({ settings, ...common });
    default:
      return settings satisfies never;
  }
}
