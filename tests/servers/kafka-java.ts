import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaClassPath } from './java-classes.ts';
import { awaitAnswer, type JavaProcess, startJava } from './java-process.ts';
import { kafkaAnswers } from './kafka-answers.ts';
import type { KafkaNodes, KafkaPlan } from './kafka-server.ts';
import { kafkaSettings } from './kafka-settings.ts';

const withinMs = 120_000;
const settingsFile = 'server.properties';

type Node = { number: number; port: number; directory: string; process: JavaProcess | undefined };

/** Apache Kafka from Maven, each node a process of ours. */
export async function startJavaKafka(plan: KafkaPlan): Promise<KafkaNodes> {
  const classPath = await javaClassPath('kafka');
  const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const nodes = plan.ports.map(({ internal }, index) => prepare(index + 1, internal));

  function prepare(number: number, port: number): Node {
    const directory = mkdtempSync(join(tmpdir(), `cr-kafka-${number}-`));
    const settings = kafkaSettings({ ...plan, node: number, directory });
    writeFileSync(join(directory, settingsFile), settings);
    return { number, port, directory, process: undefined };
  }

  /** `peers`: how many brokers it must see. One that comes back sees itself; others may be down on purpose. */
  async function start(node: Node, peers: number): Promise<void> {
    if (node.process?.running()) return;
    const logFile = join(node.directory, 'log');
    node.process = startJava({
      classPath,
      mainClass: 'KafkaNode',
      machine: [
        ...['-Xms96m', '-Xmx512m'],
        `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'java/kafka/log4j2.properties')}`,
      ],
      args: [join(node.directory, settingsFile), cluster, ...plan.scramUsers],
      logFile,
    });
    await awaitAnswer(node.process, logFile, () => kafkaAnswers(node.port, peers), withinMs);
  }

  const chosen = (number: number | undefined) =>
    nodes.filter((node) => number === undefined || node.number === number);
  const each = (number: number | undefined, act: (node: Node) => unknown) =>
    Promise.all(chosen(number).map(act));

  async function stop(): Promise<void> {
    await each(undefined, async (node) => {
      await node.process?.kill();
      rmSync(node.directory, { recursive: true, force: true });
    });
  }

  await each(undefined, (node) => start(node, nodes.length)).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    async kill(number) {
      await each(number, (node) => node.process?.kill());
    },
    async pause(number) {
      await each(number, (node) => node.process?.pause());
    },
    async resume(number) {
      await each(number, (node) => node.process?.resume());
    },
    async start(number) {
      await each(number, (node) => start(node, number === undefined ? nodes.length : 1));
    },
    stop,
  };
}
