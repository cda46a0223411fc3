import { join } from 'node:path';
import { top } from '../check/source-files.ts';
import { serverPorts } from '../servers/server-ports.ts';
import { type IssuedCertificates, issueCertificates } from '../system/issue-certificates.ts';
import type { ServiceName } from '../system/product.ts';
import type { ReplicaPlan } from './replica.ts';

export type ProcessPlan = {
  services: Record<ServiceName, ReplicaPlan[]>;
  gateways: ReplicaPlan[];
  demo: ReplicaPlan;
  /** The replicas of a service, as its clients are told of them. */
  address(service: ServiceName): string;
  gatewayUrls: [string, ...string[]];
  frontPort: number;
  gatewayUrl: string;
  demoUrl: string;
  demoDirectory: string;
  certificates: IssuedCertificates;
};

export type PlanOptions = {
  /** Of each service and of the gateway. */
  replicas: number;
  /** For keys and what the demo world keeps. */
  directory: string;
  eventLogUrl: string;
  storeUrl(service: ServiceName): string;
  /** Goes to every process; each takes what it knows. */
  env: Record<string, string>;
};

const packages = {
  vault: 'credential-vault',
  registry: 'source-registry',
  broker: 'oauth-broker',
  notification: 'notification',
} as const satisfies Record<ServiceName, string>;

export const serviceNames = Object.keys(packages) as ServiceName[];

export const packageOf = (service: ServiceName): string => packages[service];

/** The demo world's own data directory. */
const demoOf = (directory: string) => join(directory, 'demo-world');

type ServicePorts = Record<ServiceName, { rpc: number; internal: number }[]>;

/** Which processes there are, with the ports and the environment of each: what an operator writes into so many deployments. */
export async function planProcesses(options: PlanOptions): Promise<ProcessPlan> {
  const { replicas, directory } = options;
  const ports = (await serverPorts(3 + 10 * replicas)).values();
  const port = () => ports.next().value ?? 0;
  const several = <T>(make: () => T): T[] => Array.from({ length: replicas }, make);

  const [frontPort, demoPort, demoInternalPort] = [port(), port(), port()];
  const gatewayPorts = several(() => ({ http: port(), internal: port() }));
  const servicePorts = forEachService(() => several(() => ({ rpc: port(), internal: port() })));
  const address = (service: ServiceName) =>
    servicePorts[service].map(({ rpc }) => `127.0.0.1:${rpc}`).join(',');

  const gatewayUrl = `http://localhost:${frontPort}`;
  const demoUrl = `http://localhost:${demoPort}`;
  const demoDirectory = demoOf(directory);
  const certificates = issueCertificates(join(directory, 'certificates'));
  const common = commonEnv(options, gatewayUrl, address);
  const services = planServices(options, servicePorts, common, certificates);
  const gateways = gatewayPorts.map(({ http, internal }, index) => ({
    name: `gateway ${index + 1}`,
    main: 'gateway/src/main.ts',
    internalPort: internal,
    env: {
      ...common,
      ...gatewayEnv(options, demoUrl),
      PORT: String(http),
      RPC_TLS_DIRECTORY: certificates.directories.gateway,
    },
  }));
  const peers = [...Object.values(services).flat(), ...gateways];
  const demo = {
    name: 'demo-world',
    main: 'services/standalone/src/demo/main.ts',
    internalPort: demoInternalPort,
    env: {
      ...common,
      DEMO_PORT: String(demoPort),
      RPC_TLS_DIRECTORY: certificates.directories['demo-world'],
      DATA_DIR: demoDirectory,
      CLOCK_PEERS: peers.map(({ internalPort }) => `http://127.0.0.1:${internalPort}`).join(','),
    },
  };
  return {
    ...{ services, gateways, demo, address, frontPort, gatewayUrl, demoUrl, demoDirectory },
    certificates,
    gatewayUrls: gatewayPorts.map(({ http }) => `http://127.0.0.1:${http}`) as [
      string,
      ...string[],
    ],
  };
}

function commonEnv(
  { eventLogUrl, env }: PlanOptions,
  gatewayUrl: string,
  address: (service: ServiceName) => string,
): Record<string, string> {
  return {
    EVENT_LOG_URL: eventLogUrl,
    PUBLIC_URL: gatewayUrl,
    VAULT_ADDRESS: address('vault'),
    REGISTRY_ADDRESS: address('registry'),
    BROKER_ADDRESS: address('broker'),
    NOTIFICATION_ADDRESS: address('notification'),
    CLOCK_MAY_SHIFT: 'true',
    // As the standalone sweeps.
    SWEEP_INTERVAL_MS: '2000',
    ...env,
  };
}

function planServices(
  { storeUrl, directory }: PlanOptions,
  ports: ServicePorts,
  common: Record<string, string>,
  certificates: IssuedCertificates,
): Record<ServiceName, ReplicaPlan[]> {
  return forEachService((service) =>
    ports[service].map(({ rpc, internal }, index) => ({
      name: `${packages[service]} ${index + 1}`,
      main: `services/${packages[service]}/src/main.ts`,
      internalPort: internal,
      env: {
        ...common,
        LISTEN_ADDRESS: `127.0.0.1:${rpc}`,
        RPC_TLS_DIRECTORY: certificates.directories[packages[service]],
        STORE_URL: storeUrl(service),
        // Many processes at one small server.
        STORE_POOL_SIZE: '5',
        KEY_FILE: join(directory, 'keys', 'vault.key'),
        UNSUBSCRIBE_KEY_FILE: join(directory, 'keys', 'unsubscribe.key'),
        CATALOGUE_DIRECTORY: join(demoOf(directory), 'demo', 'catalogue'),
      },
    })),
  );
}

function gatewayEnv({ directory }: PlanOptions, demoUrl: string): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    OIDC_ISSUER: `${demoUrl}/identity`,
    OIDC_CLIENT_ID: 'credential-renewal',
    OIDC_CLIENT_SECRET_FILE: join(demoOf(directory), 'demo', 'identity-client-secret'),
    OIDC_SCOPE: 'openid profile email account',
    API_AUDIENCE: 'credential-renewal-api',
    SESSION_KEY_FILE: join(directory, 'keys', 'session.key'),
    UI_DIRECTORY: join(top, 'gateway/ui/dist'),
  };
}

function forEachService<T>(make: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name) => [name, make(name)])) as Record<
    ServiceName,
    T
  >;
}
