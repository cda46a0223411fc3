import type { Persona } from '../personas.ts';
import type { ProviderProfile, ProviderScope } from '../providers/demo-provider.ts';
import { html, page, problemPage } from './page-layout.ts';

/** Who signs in to the product; the form answers with `persona`. */
export function personaPage(personas: readonly Persona[], hint: string | undefined): string {
  const sorted = [...personas].sort((a, b) => Number(b.id === hint) - Number(a.id === hint));
  return page({
    title: 'Sign in to Credential Renewal',
    brand: 'Identity provider of the demo world',
    body: html`<section class="card">
<h1>Sign in to Credential Renewal</h1>
<p class="muted">Choose somebody to be. There are no passwords here.</p>
<form method="post" class="choices">
${sorted.map(
  (persona) => html`<button name="persona" value="${persona.id}"${autofocus(persona.id === hint)}>
<strong>${persona.name}</strong> <small>${persona.email}, ${persona.role} at ${persona.accountName}. ${persona.about}.</small>
</button>`,
)}
</form>
</section>`,
  });
}

/** Who signs in to a provider; the forms answer with `account`. */
export function accountPage(profile: ProviderProfile): string {
  const { accountNoun } = profile;
  const isWorkspace = accountNoun === 'workspace';
  return page({
    title: `Sign in to ${profile.name}`,
    brand: profile.name,
    body: html`<section class="card">
<h1>Sign in to ${profile.name}</h1>
<p class="muted">Credential Renewal asks for access. Which ${accountNoun} is it for?</p>
<form method="post" class="choices">
${profile.suggestedAccounts.map(
  (account) => html`<button name="account" value="${account}">${account}</button>`,
)}
</form>
<details>
<summary>Use another ${accountNoun}</summary>
<form method="post">
<label class="field">${isWorkspace ? 'Name of the workspace' : 'E-mail address of the account'}
<input name="account" type="${isWorkspace ? 'text' : 'email'}" required maxlength="100" autocomplete="off"></label>
<button>Continue</button>
</form>
</details>
</section>`,
  });
}

/** What the provider gives away; the form answers with `decision` (`allow` or `deny`) and the ticked `scope`. */
export function consentPage(options: {
  profile: ProviderProfile;
  account: string;
  scopes: readonly ProviderScope[];
}): string {
  const { profile, account, scopes } = options;
  return page({
    title: `Allow access to ${profile.name}`,
    brand: profile.name,
    body: html`<form method="post" class="card">
<h1>Allow Credential Renewal to use ${profile.name}?</h1>
<p>Signed in as <strong>${account}</strong>.</p>
<h2>It will be able to</h2>
<ul class="plain">
${scopes.map((scope) =>
  profile.scopesOptional
    ? html`<li><label class="tick"><input type="checkbox" name="scope" value="${scope.name}" checked> ${scope.description}</label></li>`
    : html`<li>${scope.description}</li>`,
)}
</ul>
<div class="row">
<button class="primary" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</div>
</form>`,
  });
}

/** The interaction is over, or belongs to another browser. */
export function signInEndedPage(): string {
  return problemPage(
    'This sign-in has ended',
    'It took too long, or it was finished in another window. Go back to where you came from and start again.',
  );
}

function autofocus(wanted: boolean) {
  return wanted ? { html: ' autofocus' } : '';
}
