import type { ProviderFile } from './catalogue-schema.ts';
import { checkUrls } from './check-urls.ts';
import { checkVerdicts } from './check-verdicts.ts';
import { openIdIdentity } from './complete-entry.ts';
import type { Problem } from './explain-schema-errors.ts';

/** Parameters of an authorization request that are ours to set: a catalogue that could set them could switch off a defence. */
const authorizationParameters = [
  'client_id',
  'client_secret',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
];
const tokenParameters = [
  'client_assertion',
  'client_assertion_type',
  'client_id',
  'client_secret',
  'code',
  'code_verifier',
  'grant_type',
  'redirect_uri',
  'refresh_token',
];

type Tell = (pointer: string, text: string) => void;

/** What the schema cannot say about one provider. */
export function checkProvider(file: ProviderFile): Problem[] {
  const problems: Problem[] = [];
  const tell: Tell = (pointer, text) => problems.push({ pointer, text });
  checkUrls(file, tell);
  checkVerdicts(file.verdicts ?? [], tell);
  checkParameters(file, tell);
  checkHints(file, tell);
  checkLives(file, tell);
  checkIdentity(file, tell);
  checkClients(file, tell);
  checkKept(file, tell);
  return problems;
}

/** What is kept beside the tokens is not encrypted. */
function checkKept({ keep = {}, variables }: ProviderFile, tell: Tell): void {
  for (const [name, pointer] of Object.entries(keep)) {
    if (variables?.[name]?.ask) {
      tell(`/keep/${name}`, 'is the name of what people are asked, which workers are told as well');
    }
    if (/(token|secret)$/.test(pointer)) {
      tell(`/keep/${name}`, `is ${pointer}: a secret is not kept in the clear`);
    }
  }
}

function checkParameters({ authorization, tokenRequest, scopes }: ProviderFile, tell: Tell): void {
  const reserved = new Set([...authorizationParameters, scopes?.parameter]);
  for (const [pointer, parameters] of [
    ['/authorization/parameters', authorization?.parameters],
    ['/authorization/renewal/parameters', authorization?.renewal?.parameters],
    ['/authorization/switch/parameters', authorization?.switch?.parameters],
  ] as const) {
    for (const name of Object.keys(parameters ?? {})) {
      if (reserved.has(name)) {
        tell(`${pointer}/${name}`, 'is set by the broker and cannot be configured');
      }
    }
  }
  const others = authorizationParameters.filter((name) => name !== 'scope');
  for (const [pointer, name] of [
    ...(authorization?.renewal?.hints ?? []).map(
      ({ parameter }, index) => [`${hintPointer(index)}/parameter`, parameter] as const,
    ),
    ['/scopes/parameter', scopes?.parameter],
  ] as const) {
    if (name !== undefined && others.includes(name)) {
      tell(pointer, `is ${name}, which is set by the broker and cannot be configured`);
    }
  }
  for (const name of Object.keys(tokenRequest?.parameters ?? {})) {
    if (tokenParameters.includes(name)) {
      tell(`/tokenRequest/parameters/${name}`, 'is set by the broker and cannot be configured');
    }
  }
}

function hintPointer(index: number): string {
  return `/authorization/renewal/hints/${index}`;
}

function checkHints(file: ProviderFile, tell: Tell): void {
  for (const [index, hint] of (file.authorization?.renewal?.hints ?? []).entries()) {
    const pointer = hintPointer(index);
    if ((hint.identity === undefined) === (hint.claim === undefined)) {
      tell(pointer, 'needs identity or claim, and not both');
    }
    if (hint.identity !== undefined && !identityPointers(file).has(hint.identity)) {
      tell(`${pointer}/identity`, `is ${hint.identity}, which is in no key of an identity`);
    }
    if (hint.claim !== undefined && !file.scopes?.always?.includes('openid')) {
      tell(`${pointer}/claim`, 'needs an ID token, and scopes.always does not ask for openid');
    }
  }
}

function identityPointers({ identity, connectors = {} }: ProviderFile): Set<string> {
  const own = Object.values(connectors).map((connector) => connector.identity);
  return new Set([identity ?? openIdIdentity, ...own].flatMap((rule) => rule?.key ?? []));
}

function checkLives({ accessToken, refreshToken, endpoints }: ProviderFile, tell: Tell): void {
  const { rotation, graceSeconds } = refreshToken ?? {};
  if (rotation !== undefined && rotation !== 'single_use' && graceSeconds !== undefined) {
    tell('/refreshToken/graceSeconds', `is for single-use tokens, and rotation is ${rotation}`);
  }
  const { lifetimeSeconds, idleSeconds } = refreshToken ?? {};
  if (lifetimeSeconds !== undefined && idleSeconds !== undefined && idleSeconds > lifetimeSeconds) {
    tell('/refreshToken/idleSeconds', 'is more than lifetimeSeconds, which ends it first');
  }
  if (accessToken?.introspect && endpoints && !endpoints.introspection) {
    tell('/accessToken/introspect', 'is true, but endpoints.introspection is not given');
  }
}

function checkIdentity(file: ProviderFile, tell: Tell): void {
  if (!file.identity && file.endpoints && !file.endpoints.userinfo) {
    tell('/identity', 'is missing, and so is endpoints.userinfo that could be asked');
  }
  const rules = [
    ['/identity', file.identity],
    ...Object.entries(file.connectors ?? {}).map(
      ([id, { identity }]) => [`/connectors/${id}/identity`, identity] as const,
    ),
  ] as const;
  for (const [pointer, rule] of rules) {
    if (!rule) continue;
    if (rule.call === 'userinfo' && file.endpoints && !file.endpoints.userinfo) {
      tell(`${pointer}/call`, 'is userinfo, but endpoints.userinfo is not given');
    }
    if (rule.call !== undefined) continue;
    if (rule.from !== 'id_token') {
      tell(`${pointer}/call`, 'is missing, and from is not id_token');
    } else if (!file.refreshToken) {
      tell(
        `${pointer}/call`,
        'is missing: without a refresh token only a call can tell that a token lives',
      );
    }
  }
  const asksForIdToken = file.scopes?.always?.includes('openid');
  if (rules.some(([, rule]) => rule?.from === 'id_token') && !asksForIdToken) {
    tell('/scopes/always', 'must ask for openid, since the identity is read from the ID token');
  }
}

function checkClients({ clients = {}, accounts, connectors }: ProviderFile, tell: Tell): void {
  const names = Object.keys(clients);
  if (names.length > 1 && !clients['default']) {
    tell('/clients', 'has several, so one must be named default');
  }
  const known = (pointer: string, name: string | undefined) => {
    if (name !== undefined && names.length > 0 && !clients[name]) {
      tell(pointer, `is ${name}, which is not under clients`);
    }
  };
  for (const [id, account] of Object.entries(accounts ?? {})) {
    known(`/accounts/${id}/client`, account.client);
  }
  for (const [id, connector] of Object.entries(connectors ?? {})) {
    known(`/connectors/${id}/client`, connector.client);
  }
}
