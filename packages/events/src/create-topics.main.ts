import { parseArgs } from 'node:util';
import { readSettings } from '@credential-renewal/runtime';
import { createTopics } from './kafka/create-topics.ts';
import { readKafkaSettings } from './kafka/kafka-settings.ts';
import { type TopicDifference, topicSettings } from './kafka/topic-settings.ts';
import { readPositive } from './read-positive.ts';
import { runCommand } from './run-command.ts';

const usage = `Creates the Kafka topics that are missing, and says what differs of the others. The brokers are those of EVENT_LOG_URL.

  node packages/events/src/create-topics.main.ts [--replication-factor 3] [--alter]

  --replication-factor N  of topics that are created; 1 for development only
  --alter                 changes the settings of topics that exist; never the number of their partitions
Exits with 2 when something still differs.`;

await runCommand({ env: process.env, args: process.argv.slice(2) }, async (command) => {
  const { values } = parseArgs({
    args: command.args,
    options: {
      'replication-factor': { type: 'string', default: '3' },
      alter: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    command.tell(usage);
    return 0;
  }
  const settings = readSettings(command.env, (one) =>
    readKafkaSettings(one, one.connectionString('EVENT_LOG_URL', ['kafka'])),
  );
  const { created, altered, differing } = await createTopics({
    settings,
    topics: topicSettings(),
    replicationFactor: readPositive('--replication-factor', values['replication-factor']),
    alter: values.alter,
    logger: command.logger,
  });
  for (const topic of created) command.tell(`created ${topic}`);
  for (const one of altered) command.tell(`altered ${describe(one)}`);
  for (const one of differing) command.tell(`differs ${describe(one)}`);
  if (differing.length > 0) return 2;
  command.tell('all topics are as they must be');
  return 0;
});

function describe({ topic, setting, found, expected }: TopicDifference): string {
  return `${topic}: ${setting} ${found}, expected ${expected}`;
}
