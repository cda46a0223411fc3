const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export type Html = { readonly html: string };

/** Template tag: every value is escaped unless it is `Html` already; arrays are joined. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  return { html: strings.map((text, index) => text + render(values[index])).join('') };
}

function render(value: unknown): string {
  if (value === undefined || value === null || value === false) return '';
  if (Array.isArray(value)) return value.map(render).join('');
  if (typeof value === 'object' && 'html' in value) return String(value.html);
  return String(value).replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

const style = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1c2330;--muted:#566074;--line:#d7dce4;--accent:#1d4ed8;--on-accent:#fff;--bad:#b3261e;--good:#1a6b3c}
@media (prefers-color-scheme:dark){:root{--page:#12151b;--card:#1c212b;--text:#e8ebf1;--muted:#a9b3c5;--line:#39414f;--accent:#9db8ff;--on-accent:#0d1526;--bad:#ff9d94;--good:#86d7a6}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:var(--width);margin:0 auto;padding:24px 16px 48px}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px;margin:0 0 20px;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 8px}h2{font-size:1.125rem;margin:0 0 8px}
p{margin:0 0 12px}.muted{color:var(--muted)}.bad{color:var(--bad)}.good{color:var(--good)}
a{color:var(--accent)}
button,input,select{font:inherit;border-radius:8px;border:1px solid var(--line);padding:10px 14px;background:var(--card);color:var(--text);max-width:100%}
input[type=checkbox]{width:20px;height:20px;margin:0;flex:none}
button{cursor:pointer;min-height:44px}button.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
button:hover{border-color:var(--accent)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.choices{display:grid;gap:10px;margin:16px 0}.choices button{text-align:left;width:100%}
.choices small{display:block;color:var(--muted)}
.row{display:flex;flex-wrap:wrap;gap:10px;align-items:center}.row form{margin:0}
ul.plain{list-style:none;margin:12px 0;padding:0}ul.plain>li{padding:10px 0;border-top:1px solid var(--line)}ul.plain>li:first-child{border-top:0}
label.tick{display:flex;gap:12px;align-items:center}
label.field{display:block;margin:0 0 10px}label.field input,label.field select{width:100%}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 12px;margin:0 0 12px}dt{color:var(--muted)}dd{margin:0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;font:14px/1.5 ui-monospace,monospace}
iframe{width:100%;height:min(70vh,640px);border:1px solid var(--line);border-radius:8px;background:#fff}
summary{cursor:pointer;min-height:44px;padding:10px 0}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.brand{font-size:.875rem;color:var(--muted);margin:0 0 16px}
`;

/** A whole page of the demo world; `width` is the widest the text gets. */
export function page(options: {
  title: string;
  brand: string;
  width?: string;
  body: Html;
  script?: string;
}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${options.title}</title>
<link rel="icon" href="data:,">
<style>${{ html: `${style}main{--width:${options.width ?? '30rem'}}` }}</style>
</head>
<body>
<main>
<p class="brand">${options.brand}</p>
${options.body}
</main>
${options.script ? { html: `<script>${options.script}</script>` } : ''}
</body>
</html>`.html;
}

/** A page that says what went wrong and how to go on. */
export function problemPage(title: string, text: string): string {
  return page({
    title,
    brand: 'Demo world',
    body: html`<section class="card"><h1>${title}</h1><p>${text}</p></section>`,
  });
}
