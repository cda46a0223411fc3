import type { Block, MailDocument } from './mail-document.ts';

const font =
  'font-family:-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
const text = `margin:0 0 16px;${font};font-size:16px;line-height:24px;color:#212529;overflow-wrap:anywhere`;

// Mail clients drop style sheets but keep inline styles, so everything stands inline and the sheet only adds the dark
// colours, for the clients that understand it.
const darkColours = `@media (prefers-color-scheme:dark){
.page{background:#1a1b1e!important}.card{background:#25262b!important}
.text{color:#e9ecef!important}.quiet{color:#adb5bd!important}
.drill{background:#25262b!important;border-color:#adb5bd!important;color:#e9ecef!important}}`;

/** One column that shrinks to 320 px; no images; the preheader is hidden from the mail itself. */
export function renderHtml(document: MailDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(document.subject)}</title>
<style>${darkColours}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f1f3f5">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(document.preheader)}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f1f3f5">
<tr><td align="center" style="padding:16px 8px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background:#ffffff;border-radius:8px">
<tr><td align="left" style="padding:24px 16px">
${document.blocks.map(renderBlock).join('\n')}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

/** The marked one has the dashes of the pages' drill button, and none of the red. */
const buttonLooks: Record<Extract<Block, { kind: 'button' }>['look'], string> = {
  act: 'border:2px solid #c92a2a;background:#c92a2a;color:#ffffff',
  drill: 'border:2px dashed #495057;background:#ffffff;color:#212529',
};

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h2 class="text" style="${text};margin:32px 0 12px;font-size:20px;line-height:28px;font-weight:600">${escapeHtml(block.text)}</h2>`;
    case 'paragraph':
      return `<p class="text" style="${text}">${escapeHtml(block.text)}</p>`;
    case 'facts':
      return `<ul class="text" style="${text};padding:0 0 0 20px">${block.rows.map(renderFact).join('')}</ul>`;
    case 'button':
      return `<p style="margin:0 0 24px"><a class="${block.look}" href="${escapeHtml(block.url)}" style="display:inline-block;padding:12px 20px;border-radius:6px;${buttonLooks[block.look]};${font};font-size:16px;line-height:20px;font-weight:600;text-decoration:none">${escapeHtml(block.label)}</a></p>`;
    case 'note':
      return `<p class="quiet" style="${text};font-size:13px;line-height:20px;color:#5c636a">${escapeHtml(block.text)}</p>`;
    case 'quiet_link':
      return `<p class="quiet" style="${text};font-size:13px;line-height:20px;color:#5c636a"><a class="quiet" href="${escapeHtml(block.url)}" style="color:#5c636a">${escapeHtml(block.label)}</a></p>`;
    default:
      return block satisfies never;
  }
}

function renderFact({ label, value }: { label: string; value: string }): string {
  return `<li style="margin:0 0 4px"><strong>${escapeHtml(label)}:</strong> ${escapeHtml(value)}</li>`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For element content and double-quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
