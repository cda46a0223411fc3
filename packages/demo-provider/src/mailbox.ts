/** One mail of the embedded mailbox, as the demo world shows it. */
export type DemoMail = {
  id: string;
  to: string;
  subject: string;
  /** RFC 3339. */
  sentAt: string;
};
export type DemoMailWithBodies = DemoMail & { html: string; text: string };

/** The product's embedded mailbox; newest first. `get` answers undefined for an unknown id. */
export type DemoMailbox = {
  list(filter: { to?: string }): Promise<DemoMail[]>;
  get(id: string): Promise<DemoMailWithBodies | undefined>;
};
