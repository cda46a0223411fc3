import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { getContainerRuntimeClient } from 'testcontainers';
import type { Facts } from './lanes.ts';

const run = promisify(execFile);
const probeMs = 20_000;

/** Looks at the machine; nothing is downloaded or started. */
export async function machineFacts(environment: NodeJS.ProcessEnv): Promise<Facts> {
  const [docker, java, maven, python] = await Promise.all([
    answers(() => getContainerRuntimeClient()),
    atLeast('javac', ['-version'], 17),
    answers(() => run('mvn', ['--version'], { timeout: probeMs })),
    atLeast('python3', ['--version'], 3, 9),
  ]);
  return {
    kafkaBrokers: environment.KAFKA_BROKERS || undefined,
    mongodbUrl: environment.MONGODB_URL || undefined,
    docker,
    java,
    maven,
    python,
  };
}

async function answers(probe: () => Promise<unknown>): Promise<boolean> {
  return probe().then(
    () => true,
    () => false,
  );
}

/** Whether `command` says a version like `17.0.15` or `Python 3.11.2`. */
async function atLeast(
  command: string,
  args: string[],
  major: number,
  minor = 0,
): Promise<boolean> {
  try {
    const { stdout, stderr } = await run(command, args, { timeout: probeMs });
    const [, hasMajor, hasMinor = '0'] = /(\d+)(?:\.(\d+))?/.exec(`${stdout}${stderr}`) ?? [];
    return Number(hasMajor) > major || (Number(hasMajor) === major && Number(hasMinor) >= minor);
  } catch {
    return false;
  }
}
