export { createDemoWorld, type DemoWorld, type DemoWorldOptions } from './demo-world.ts';
export type { DemoMail, DemoMailbox, DemoMailWithBodies } from './mailbox.ts';
export { type Persona, personas } from './personas.ts';
