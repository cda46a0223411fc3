import type { Block, MailDocument } from './mail-document.ts';

/** The plain-text part: blocks apart by an empty line, links in full on a line of their own. */
export function renderText(document: MailDocument): string {
  return `${document.blocks.map(renderBlock).join('\n\n')}\n`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${block.text}\n${'-'.repeat(Math.min(block.text.length, 72))}`;
    case 'paragraph':
    case 'note':
      return block.text;
    case 'facts':
      return block.rows.map(({ label, value }) => `${label}: ${value}`).join('\n');
    case 'button':
    case 'quiet_link':
      return `${block.label}:\n${block.url}`;
    default:
      return block satisfies never;
  }
}
