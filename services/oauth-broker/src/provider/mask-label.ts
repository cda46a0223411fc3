// Words that say what kind of thing it is, not which one: they help people to recognise and give nothing away.
const kindOfThing =
  /^(ab|ag|co|corp|gmbh|inc|kg|limited|llc|ltd|nv|org|organisation|organization|plc|sa|se|team|workspace)\.?$/i;

const hidden = '•••';

/**
 * Enough of a provider account's name for its owner to recognise it: `a•••@example.com`, `Ac••• Ltd`. The host of an address
 * stays readable, since it is what tells a private account from the company's.
 */
export function maskLabel(label: string): string {
  const text = label.trim();
  const at = text.lastIndexOf('@');
  if (at > 0) return `${firstOf(text, 1)}${hidden}${text.slice(at)}`;
  return text
    .split(/\s+/)
    .map((word, index) => (index > 0 && kindOfThing.test(word) ? word : maskWord(word)))
    .join(' ');
}

function maskWord(word: string): string {
  return `${firstOf(word, [...word].length > 3 ? 2 : 1)}${hidden}`;
}

function firstOf(text: string, count: number): string {
  return [...text].slice(0, count).join('');
}
