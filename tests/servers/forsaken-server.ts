import { startMongo } from './mongo-server.ts';

// A test run that is about to be killed: `end-with-parent.test.ts`.
const server = await startMongo({ own: true });
if (process.argv[2] === 'pause') await server.pause();
process.stdout.write(`${server.url}\n`);
setInterval(() => undefined, 60_000);
