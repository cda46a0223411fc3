import { join } from 'node:path';
import { startJavaServer } from './java-server.ts';
import { kafkaAnswers } from './kafka-answers.ts';
import { type KafkaNodePlan, kafkaSettings } from './kafka-settings.ts';
import type { ServerNode } from './server-node.ts';

/** A node of Apache Kafka from Maven. */
export function startKafkaProcess(plan: KafkaNodePlan): Promise<ServerNode> {
  const logging = join(import.meta.dirname, 'java/kafka/log4j2.properties');
  const place = { bind: '127.0.0.1', hostOf: () => '127.0.0.1' };
  return startJavaServer({
    kind: 'kafka',
    mainClass: 'KafkaNode',
    machine: ['-Xms96m', '-Xmx512m', `-Dlog4j2.configurationFile=${logging}`],
    args: (directory) => [join(directory, 'server.properties'), plan.clusterId],
    files: (directory) => ({
      ...plan.security.files,
      'server.properties': Object.entries(
        kafkaSettings(plan, { ...place, data: join(directory, 'data'), files: directory }),
      )
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    }),
    answers: () => kafkaAnswers(plan.ports[plan.node - 1]?.internal ?? 0),
    withinMs: 120_000,
  });
}
