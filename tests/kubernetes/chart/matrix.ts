import { demo, external, type Values } from '../helm.ts';

export type Combination = { name: string; base: string; values: Values; release?: string };

const secretOf = (existingSecret: string) => ({ existingSecret });
const certificates = [
  'credential-vault',
  'source-registry',
  'oauth-broker',
  'notification',
  'gateway',
];

/** Values that between them use every part of the chart. */
export const matrix: readonly Combination[] = [
  { name: 'the demo', base: demo, values: {} },
  {
    name: 'a demo that keeps its data',
    base: demo,
    values: { demo: { existingClaim: 'demo-data', settings: { DEMO_SOURCES: false } } },
  },
  { name: 'the example', base: external, values: {} },
  {
    name: 'everything on',
    base: external,
    values: {
      imagePullSecrets: [{ name: 'registry' }],
      commonLabels: { team: 'integrations' },
      settings: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel.monitoring:4318',
        EGRESS_PROXY_URL: 'http://proxy.example:3128',
      },
      extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=256' }],
      mongodb: { ca: secretOf('mongodb-ca') },
      kafka: {
        tls: { enabled: true, ca: secretOf('kafka-ca'), client: secretOf('kafka-client') },
        sasl: { mechanism: 'scram-sha-512', username: 'cr', password: secretOf('kafka-password') },
        topics: { alter: true },
      },
      keyEncryptionKey: {
        previous: {
          transit: {
            url: 'transit+https://vault.example:8200/transit/cr',
            token: secretOf('vault-token'),
            ca: secretOf('vault-ca'),
          },
        },
      },
      egress: { proxyCredentials: secretOf('proxy'), ca: secretOf('proxy-ca') },
      mail: {
        sendgridApiKey: secretOf('sendgrid'),
        sendgridWebhookPublicKey: secretOf('sendgrid'),
        smtpCredentials: secretOf('smtp'),
        unsubscribeKey: secretOf('unsubscribe'),
        branding: { acme: { productName: 'Acme', from: 'Acme <no-reply@acme.example>' } },
      },
      tls: {
        enabled: true,
        certManager: { enabled: true, issuerRef: { name: 'services', kind: 'ClusterIssuer' } },
      },
      probes: { kind: 'http' },
      services: {
        gateway: {
          autoscaling: { enabled: true, maxReplicas: 9 },
          annotations: { a: 'b' },
          nodeSelector: { disk: 'ssd' },
        },
        'oauth-broker': {
          extraEnv: [{ name: 'A', value: 'b' }],
          tolerations: [{ key: 'x', operator: 'Exists' }],
        },
      },
      networkPolicy: {
        callers: { 'oauth-broker': [{ namespaceSelector: { matchLabels: { workers: 'yes' } } }] },
      },
      monitoring: {
        serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
        prometheusRule: { enabled: true },
        grafanaDashboard: { enabled: true },
      },
    },
  },
  {
    name: 'Secrets for everything, one replica, everything else off',
    base: external,
    values: {
      mongodb: { url: '', urls: secretOf('mongodb-urls'), passwords: secretOf('') },
      keyEncryptionKey: {
        file: secretOf(''),
        transit: {
          url: 'transit+https://vault.example:8200/transit/cr',
          token: secretOf('vault-token'),
        },
      },
      tls: {
        enabled: true,
        existingSecrets: Object.fromEntries(certificates.map((name) => [name, `${name}-tls`])),
      },
      services: Object.fromEntries(
        certificates.map((name) => [
          name,
          { replicas: 1, podDisruptionBudget: { enabled: false } },
        ]),
      ),
      ingress: { enabled: false },
      networkPolicy: { enabled: false },
      serviceAccounts: { create: false },
      migration: { enabled: false },
      kafka: { topics: { create: false } },
      pods: { topologySpread: [] },
    },
  },
  {
    name: 'names that are as long as can be, or read like numbers',
    base: external,
    release: '12e5'.padEnd(53, '0'),
    values: {
      nameOverride: '1234',
      fullnameOverride: 'a'.repeat(60),
      commonLabels: { cell: '7', drained: 'no' },
      image: { tag: '20270101' },
      mongodb: { passwords: secretOf('1234') },
      sessionKey: secretOf('5e3'),
      catalogue: { clientSecrets: secretOf('6') },
      ingress: { className: '7', tlsSecret: '8' },
      pods: { priorityClassName: '9', labels: { shard: '0' }, annotations: { since: '2027' } },
    },
  },
];
