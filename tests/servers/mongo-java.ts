import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaClassPath } from './java-classes.ts';
import { awaitAnswer, type JavaProcess, startJava } from './java-process.ts';
import { mongoAnswers } from './mongo-answers.ts';
import type { MongoNode } from './mongo-server.ts';

const withinMs = 60_000;

/** The stand-in: mongo-java-server from Maven, durable by our own main (`java/mongo`). */
export async function startMongoStandIn(port: number): Promise<MongoNode> {
  const classPath = await javaClassPath('mongo');
  const directory = mkdtempSync(join(tmpdir(), 'cr-mongo-'));
  const logFile = join(directory, 'log');
  let server: JavaProcess | undefined;

  async function start(): Promise<void> {
    if (server?.running()) return;
    server = startJava({
      classPath,
      mainClass: 'MongoStandIn',
      machine: ['-Xms48m', '-Xmx384m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'],
      args: [`${port}`, directory],
      logFile,
    });
    await awaitAnswer(server, logFile, () => mongoAnswers(port), withinMs);
  }

  async function stop(): Promise<void> {
    await server?.kill();
    rmSync(directory, { recursive: true, force: true });
  }

  await start().catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    kill: async () => server?.kill(),
    pause: async () => server?.pause(),
    resume: async () => server?.resume(),
    start,
    stop,
  };
}
