import type { FastifyReply } from 'fastify';

export type PageContent = {
  status: number;
  title: string;
  text: string;
  /** One button, which posts these fields. */
  form?: { action: string; fields: Record<string, string>; button: string };
  link: { href: string; label: string };
  /** To quote when asking for help. */
  code?: string;
};

/** Answers with a small page of its own, for the moments when a browser is between us and a provider. */
export function sendPage(reply: FastifyReply, content: PageContent): FastifyReply {
  return reply
    .code(content.status)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(renderPage(content));
}

/** A whole HTML document; everything in it is escaped, light and dark follow the browser. */
export function renderPage({ title, text, form, link, code }: PageContent): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
${form === undefined ? '' : renderForm(form)}<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.label)}</a></p>
${code === undefined ? '' : `<p class="code">${escapeHtml(code)}</p>\n`}</main>
</body>
</html>
`;
}

function renderForm({ action, fields, button }: NonNullable<PageContent['form']>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) =>
      `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return `<form method="post" action="${escapeHtml(action)}">${inputs.join('')}<button>${escapeHtml(button)}</button></form>\n`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root{color-scheme:light dark;--text:#1b1e24;--soft:#59606b;--page:#f6f7f9;--card:#fff;--edge:#dde1e7;--link:#1a5fb4}
@media(prefers-color-scheme:dark){:root{--text:#e9ebef;--soft:#a6adb8;--page:#16181c;--card:#1f2227;--edge:#363b43;--link:#8ab8f2}}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:32rem;margin:12vh auto 0;padding:1.75rem;background:var(--card);border:1px solid var(--edge);border-radius:12px}
@media(max-width:36rem){main{margin:1rem}}
h1{margin:0 0 .5rem;font-size:1.3rem}
a{color:var(--link)}
button{padding:.6rem 1.1rem;border:0;border-radius:8px;background:#2457dc;color:#fff;font:inherit;font-weight:600;cursor:pointer}
.code{margin-bottom:0;color:var(--soft);font-size:.85rem}
`.trim();
