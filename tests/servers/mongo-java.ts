import { startJavaServer } from './java-server.ts';
import { mongoAnswers } from './mongo-wire.ts';
import type { ServerNode } from './server-node.ts';

/** The stand-in: mongo-java-server from Maven, made durable by our own main. */
export function startMongoStandIn(port: number): Promise<ServerNode> {
  return startJavaServer({
    kind: 'mongo',
    mainClass: 'MongoStandIn',
    machine: ['-Xms48m', '-Xmx384m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'],
    args: (directory) => [`${port}`, directory],
    files: () => ({}),
    answers: () => mongoAnswers(port),
    withinMs: 60_000,
  });
}
