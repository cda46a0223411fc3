import type { Caller } from '@credential-renewal/rpc';
import type { SourceFile } from '../check/import-direction.ts';
import type { ServedContract } from './served-contracts.ts';

const commands =
  /^services\/credential-vault\/src\/(operator-command|rotate-keys|rotation\/rotation-command|decide-holds|holds\/hold-command)\.ts$/;
const demo = 'services/standalone/src/demo';

/** Which files run under which certificate. */
const programs: Record<Caller, (path: string) => boolean> = {
  gateway: (path) => path.startsWith('gateway/src/'),
  'oauth-broker': (path) => path.startsWith('services/oauth-broker/src/'),
  'credential-vault': (path) =>
    path.startsWith('services/credential-vault/src/') && !commands.test(path),
  'source-registry': (path) => path.startsWith('services/source-registry/src/'),
  notification: (path) => path.startsWith('services/notification/src/'),
  worker: (path) => path === `${demo}/demo-worker.ts`,
  operator: (path) => path === `${demo}/demo-mailbox.ts` || commands.test(path),
};

export type CallGraph = {
  /** `package.Service/method` to those whose code calls it. */
  callers: Record<string, Caller[]>;
  /** What cannot be said by this reading: `path: what`. */
  problems: string[];
};

/**
 * Who calls what, read from the text: a program calls those contracts that it connects to, and of them the methods that it names after a
 * dot and before a parenthesis.
 */
export function readCallGraph(
  files: readonly SourceFile[],
  contracts: readonly ServedContract[],
): CallGraph {
  const ours = files.filter(
    ({ path }) => !/(\.test|\.contract|-harness)\.ts$|\/testing\//.test(path),
  );
  const callers: Record<string, Caller[]> = {};
  const problems: string[] = [];
  for (const [caller, isOf] of Object.entries(programs) as [Caller, typeof programs.worker][]) {
    const program = ours.filter(({ path }) => isOf(path));
    const text = program.map((file) => file.text).join('\n');
    for (const [, exportName = ''] of text.matchAll(/\bconnect\(\s*(\w+Service)\b/g)) {
      const contract = contracts.find((one) => one.exportName === exportName);
      if (!contract) {
        problems.push(`${caller} connects to ${exportName}, which is not in served-contracts.ts`);
        continue;
      }
      for (const method of Object.keys(contract.definition)) {
        if (!new RegExp(`\\.\\s*${method}\\(`).test(text)) continue;
        const found = callers[`${contract.name}/${method}`] ?? [];
        callers[`${contract.name}/${method}`] = [...new Set([...found, caller])];
      }
    }
  }
  return { callers, problems: [...problems, ...findBarePlumbing(ours)] };
}

/** Calls that go past the certificates of the process. */
function findBarePlumbing(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => /^(services|gateway)\//.test(path))
    .filter(({ text }) => /\bcreateRpc(Client|Server)\(|createInsecure\(/.test(text))
    .map(({ path }) => `${path}: makes a client or server past openRpcEndpoint`);
}
