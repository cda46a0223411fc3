/** A mail before it is HTML or text. Texts are plain; each renderer escapes what it must. */
export type MailDocument = {
  subject: string;
  /** What an inbox shows after the subject. */
  preheader: string;
  blocks: Block[];
};

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'facts'; rows: { label: string; value: string }[] }
  /** `drill`: a marked one, for what is a rehearsal. All others are red, which means: act here. */
  | { kind: 'button'; label: string; url: string; look: 'act' | 'drill' }
  /** Small print. */
  | { kind: 'note'; text: string }
  /** A link that nobody is asked to follow. */
  | { kind: 'quiet_link'; label: string; url: string };

export const heading = (text: string): Block => ({ kind: 'heading', text });
export const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
export const facts = (rows: { label: string; value: string }[]): Block => ({ kind: 'facts', rows });
export const button = (label: string, url: string, look: 'act' | 'drill' = 'act'): Block => ({
  ...{ kind: 'button', label, url, look },
});
export const note = (text: string): Block => ({ kind: 'note', text });
export const quietLink = (label: string, url: string): Block => ({
  kind: 'quiet_link',
  label,
  url,
});
