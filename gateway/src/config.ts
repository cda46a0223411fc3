import { type RpcSettings, readRpcTarget, readTlsSettings } from '@credential-renewal/rpc';
import {
  type EgressSettings,
  readEgressSettings,
  readSettings,
  type Settings,
} from '@credential-renewal/runtime';

export type GatewayConfig = {
  host: string;
  /** 0: any free one (tests). */
  port: number;
  /** Where browsers reach the gateway; its scheme decides on Secure cookies and HSTS. */
  publicUrl: URL;
  registryAddress: string;
  brokerAddress: string;
  /** Certificates for calls of services. */
  rpc?: RpcSettings;
  notificationAddress: string;
  identityProvider: {
    issuer: URL;
    clientId: string;
    /** Absent: a public client. */
    clientSecretFile: string | undefined;
    scope: string;
    /** The claim that names the customer's account, and the one with the name to show. */
    accountClaim: string;
    accountNameClaim: string;
    /** `admin`, or a list with `admin` in it, makes an administrator. */
    roleClaim: string;
    /** `name:port` of hosts outside the public internet that it may be reached at. */
    allowPrivateHosts?: readonly string[];
  };
  /** How requests to it leave the network. */
  egress?: EgressSettings;
  /** The `aud` of bearer tokens. */
  apiAudience: string;
  sessionKeyFile: string;
  /** Origins of other user interfaces, which call with a bearer token. */
  allowedOrigins: readonly string[];
  /** Origins beside our own that a browser may be sent back to. */
  returnTargetOrigins: readonly string[];
  /** The built pages (`gateway/ui/dist`). */
  uiDirectory: string;
};

/** Reads the environment of the gateway; throws ConfigurationInvalidError that names every wrong variable. */
export function readGatewayConfig(env: Record<string, string | undefined>): GatewayConfig {
  return readSettings(env, (settings) => {
    const port = settings.port('PORT', 3000);
    const publicUrl = readPublicUrl(settings, port);
    return {
      host: settings.text('HOST', 'localhost'),
      port,
      publicUrl,
      registryAddress: readRpcTarget(settings, 'REGISTRY_ADDRESS'),
      brokerAddress: readRpcTarget(settings, 'BROKER_ADDRESS'),
      rpc: readTlsSettings(settings),
      notificationAddress: readRpcTarget(settings, 'NOTIFICATION_ADDRESS'),
      identityProvider: {
        issuer: readIssuer(settings),
        clientId: settings.text('OIDC_CLIENT_ID'),
        clientSecretFile: settings.optionalText('OIDC_CLIENT_SECRET_FILE'),
        scope: settings.text('OIDC_SCOPE', 'openid profile email'),
        accountClaim: settings.text('OIDC_ACCOUNT_CLAIM', 'account'),
        accountNameClaim: settings.text('OIDC_ACCOUNT_NAME_CLAIM', 'account_name'),
        roleClaim: settings.text('OIDC_ROLE_CLAIM', 'role'),
        allowPrivateHosts: readHosts(settings, 'OIDC_ALLOW_PRIVATE_HOSTS'),
      },
      egress: readEgressSettings(settings),
      apiAudience: settings.text('API_AUDIENCE', publicUrl.origin),
      sessionKeyFile: settings.text('SESSION_KEY_FILE'),
      allowedOrigins: readOrigins(settings, 'ALLOWED_ORIGINS'),
      returnTargetOrigins: readOrigins(settings, 'RETURN_TARGET_ORIGINS'),
      uiDirectory: settings.text('UI_DIRECTORY'),
    };
  });
}

/** Cookies and codes must not travel in the clear, except on one's own machine. */
function readPublicUrl(settings: Settings, port: number): URL {
  const url = settings.url('PUBLIC_URL', ['http', 'https'], `http://localhost:${port}`);
  if (url.protocol === 'invalid:') return url;
  if (url.href !== `${url.origin}/`)
    settings.problem('PUBLIC_URL must be an origin such as https://app.example.com');
  if (url.protocol === 'http:' && !isLoopback(url))
    settings.problem('PUBLIC_URL must begin with https: unless its host is localhost');
  return url;
}

function readIssuer(settings: Settings): URL {
  const issuer = settings.url('OIDC_ISSUER', ['http', 'https']);
  if (issuer.protocol === 'http:' && !isLoopback(issuer))
    settings.problem('OIDC_ISSUER must begin with https: unless it is on this machine');
  return issuer;
}

/** Plain HTTP is for the same machine only (`*.localhost` resolves to it, RFC 6761 section 6.3). */
export function isLoopback(url: URL): boolean {
  return (
    ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) ||
    url.hostname.endsWith('.localhost')
  );
}

/** A comma-separated list of origins: `https://one.example,https://two.example:8443`. */
function readOrigins(settings: Settings, name: string): string[] {
  const entries = readList(settings, name);
  if (!entries.every((entry) => URL.canParse(entry) && new URL(entry).origin === entry))
    settings.problem(
      `${name} must be a comma-separated list of origins such as https://app.example.com`,
    );
  return entries;
}

/** A comma-separated list of hosts, each with its port, as URLs write them: `idp.internal:443,[fd00::1]:8443`. */
function readHosts(settings: Settings, name: string): string[] {
  const entries = readList(settings, name);
  const isHost = (entry: string) =>
    /:\d+$/.test(entry) && URL.parse(`any://${entry}`)?.host === entry;
  if (!entries.every(isHost))
    settings.problem(
      `${name} must be a comma-separated list of hosts with ports such as idp.internal:443`,
    );
  return entries;
}

function readList(settings: Settings, name: string): string[] {
  return (settings.optionalText(name) ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
