export { createDemoWorld, type DemoWorld, type DemoWorldOptions } from './demo-world.ts';
export type { DemoMail, DemoMailbox, DemoMailWithBodies } from './mailbox.ts';
export { type Persona, personas } from './personas.ts';
export { seedDemoWorld } from './seed.ts';
export {
  createDemoSyncWorker,
  type DemoSyncWorker,
  type DemoSyncWorkerDeps,
  type SyncTarget,
  type WorkerToken,
} from './sync-worker.ts';
export { answerProviderPages, type ProviderAnswers } from './visitor/answer-pages.ts';
export { browse, type Stop } from './visitor/browse.ts';
export { type CookieJar, createCookieJar } from './visitor/cookie-jar.ts';
export {
  type ApiAnswer,
  createBearerToken,
  createVisitor,
  VisitFailedError,
  type Visitor,
} from './visitor/visitor.ts';
