import { expect } from 'vitest';
import { demo, external, refusal, type Values } from '../helm.ts';
import { chartTest as test } from '../kubernetes-test.ts';

/** What is wrong, the values, and what the sentence must say: the value first of all. */
const refusals: [string, Values, RegExp][] = [
  ['an unknown key', { replicaCount: 3 }, /'replicaCount' not allowed/],
  [
    'an unknown key of a service',
    { services: { gateway: { replica: 3 } } },
    /\/services\/gateway.*'replica' not allowed/,
  ],
  [
    'an unknown service',
    { services: { gatway: { replicas: 3 } } },
    /\/services.*'gatway' not allowed/,
  ],
  [
    'a setting that no process knows',
    { services: { 'oauth-broker': { settings: { SWEEP: 1 } } } },
    /oauth-broker\/settings.*'SWEEP' not allowed/,
  ],
  [
    'a text for a number',
    { services: { gateway: { replicas: 'two' } } },
    /\/services\/gateway\/replicas.*got string, want integer/,
  ],
  ['a number for a text', { publicUrl: 3000 }, /\/publicUrl.*got number, want string/],
  [
    'a text for a list',
    { kafka: { brokers: 'kafka:9092' } },
    /\/kafka\/brokers.*got string, want array/,
  ],
  ['a broker without a port', { kafka: { brokers: ['kafka'] } }, /\/kafka\/brokers\/0/],
  ['a digest that is none', { image: { digest: 'latest' } }, /\/image\/digest/],
  [
    'a word out of another list',
    { kafka: { sasl: { mechanism: 'oauthbearer' } } },
    /\/kafka\/sasl\/mechanism/,
  ],
  ['no address for browsers', { publicUrl: '' }, /publicUrl is not set/],
  [
    'an address that is not encrypted',
    { publicUrl: 'http://renewal.example.com' },
    /publicUrl .*must begin with https:/,
  ],
  [
    'an address with a path',
    { publicUrl: 'https://example.com/renewal' },
    /publicUrl .*must be an origin/,
  ],
  [
    'no identity provider',
    { identityProvider: { issuer: '' } },
    /identityProvider\.issuer is not set/,
  ],
  ['no database', { mongodb: { url: '' } }, /mongodb\.url is not set/],
  [
    'two databases',
    { mongodb: { urls: { existingSecret: 'urls' } } },
    /mongodb\.url and mongodb\.urls\.existingSecret exclude each other/,
  ],
  [
    'a password in a URL',
    { mongodb: { url: 'mongodb://me:secret@host/{database}' } },
    /mongodb\.url holds a user/,
  ],
  [
    'one database for all services',
    { mongodb: { url: 'mongodb://host/all' } },
    /mongodb\.url names no database/,
  ],
  [
    'mails without a sender',
    { services: { notification: { settings: { MAIL_TRANSPORT_URL: 'smtp://mail.example' } } } },
    /services\.notification\.settings\.MAIL_FROM is not set/,
  ],
  [
    'mails whose reminders nobody can turn off',
    {
      services: {
        notification: {
          settings: { MAIL_TRANSPORT_URL: 'smtp://mail.example', MAIL_FROM: 'a@b.example' },
        },
      },
    },
    /mail\.unsubscribeKey\.existingSecret is not set/,
  ],
  [
    'SendGrid without its key',
    {
      mail: { unsubscribeKey: { existingSecret: 'x' } },
      services: {
        notification: {
          settings: { MAIL_TRANSPORT_URL: 'sendgrid:', MAIL_FROM: 'a@b.example' },
        },
      },
    },
    /mail\.sendgridApiKey\.existingSecret is not set/,
  ],
  [
    'a word that is no part of a branding',
    { mail: { branding: { acme: { product: 'Acme' } } } },
    /\/mail\/branding\/acme.*'product' not allowed/,
  ],
  ['no brokers', { kafka: { brokers: [] } }, /kafka\.brokers is empty/],
  [
    'a password in the clear',
    { kafka: { sasl: { mechanism: 'plain', username: 'me', password: { existingSecret: 'x' } } } },
    /kafka\.sasl\.mechanism plain/,
  ],
  [
    'a login without a password',
    { kafka: { sasl: { mechanism: 'scram-sha-512', username: 'me' } } },
    /kafka\.sasl\.password\.existingSecret/,
  ],
  [
    'an authority without TLS',
    { kafka: { tls: { ca: { existingSecret: 'ca' } } } },
    /kafka\.tls\.enabled is false/,
  ],
  [
    'no key for the vault',
    { keyEncryptionKey: { file: { existingSecret: '' } } },
    /keyEncryptionKey\.file\.existingSecret is not set/,
  ],
  [
    'two keys for the vault',
    { keyEncryptionKey: { transit: { url: 'transit+https://v/m/k' } } },
    /keyEncryptionKey\.file\.existingSecret and keyEncryptionKey\.transit\.url exclude each other/,
  ],
  [
    'a key without a token',
    {
      keyEncryptionKey: { file: { existingSecret: '' }, transit: { url: 'transit+https://v/m/k' } },
    },
    /keyEncryptionKey\.transit\.token\.existingSecret is not set/,
  ],
  [
    'no session key',
    { sessionKey: { existingSecret: '' } },
    /sessionKey\.existingSecret is not set/,
  ],
  [
    'two catalogues',
    { catalogue: { existingConfigMap: 'catalogue' } },
    /catalogue\.providers and catalogue\.existingConfigMap exclude each other/,
  ],
  [
    'credentials without a proxy',
    { egress: { proxyCredentials: { existingSecret: 'x' } } },
    /settings\.EGRESS_PROXY_URL/,
  ],
  [
    'TLS without certificates',
    { tls: { enabled: true } },
    /tls\.existingSecrets\.[a-z-]+ is not set/,
  ],
  [
    'TLS with two kinds of them',
    { tls: { enabled: true, certManager: { enabled: true }, existingSecrets: { gateway: 'x' } } },
    /tls\.certManager\.enabled and tls\.existingSecrets exclude each other/,
  ],
  [
    'certificates without an issuer',
    { tls: { enabled: true, certManager: { enabled: true } } },
    /tls\.certManager\.issuerRef\.name is not set/,
  ],
  [
    'certificates without TLS',
    { tls: { existingSecrets: { gateway: 'x' } } },
    /tls\.enabled is false/,
  ],
  [
    'a budget for one replica',
    { services: { gateway: { replicas: 1 } } },
    /services\.gateway\.podDisruptionBudget\.enabled with services\.gateway\.replicas 1/,
  ],
  [
    'a budget for one replica at night',
    { services: { gateway: { autoscaling: { enabled: true, minReplicas: 1 } } } },
    /services\.gateway\.autoscaling\.minReplicas 1/,
  ],
  [
    'more at least than at most',
    { services: { gateway: { autoscaling: { enabled: true, minReplicas: 5, maxReplicas: 4 } } } },
    /services\.gateway\.autoscaling\.maxReplicas/,
  ],
  [
    'a lease that ends during its request',
    { services: { 'oauth-broker': { settings: { REFRESH_LEASE_MS: 15_000 } } } },
    /services\.oauth-broker\.settings\.REFRESH_LEASE_MS/,
  ],
  [
    'less time than a drain takes',
    { pods: { terminationGracePeriodSeconds: 20 } },
    /pods\.terminationGracePeriodSeconds/,
  ],
];

test.each(refusals)('%s is refused, by the name of the value', async (_, values, sentence) => {
  expect(await refusal(external, values)).toMatch(sentence);
});

test('without any values the chart says what it needs first', async () => {
  expect(await refusal(undefined, {})).toMatch(/publicUrl is not set.*values-demo\.yaml/);
});

test.each([
  ['publicUrl', { publicUrl: 'https://renewal.example.com' }],
  ['kafka.brokers', { kafka: { brokers: ['kafka:9092'] } }],
  ['mongodb.url', { mongodb: { url: 'mongodb://host/{database}' } }],
  ['ingress.enabled', { ingress: { enabled: true } }],
])('a demo with %s is refused: it is one thing or the other', async (value, values) => {
  expect(await refusal(demo, values)).toContain(`demo.enabled and ${value} exclude each other`);
});
