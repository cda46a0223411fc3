import {
  type Hold,
  type HoldDecision,
  HoldEnd,
  type ListHoldsResponse,
  type VaultHoldsServiceService,
} from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import type { RpcClient } from '@credential-renewal/rpc';
import { ConfigurationInvalidError } from '@credential-renewal/runtime';
import type { Write } from '../operator-command.ts';

export type HoldCommand =
  | { kind: 'list' }
  | { kind: 'decide'; holdId: string; end: HoldEnd; who: string; why: string };

type Deps = { vault: RpcClient<typeof VaultHoldsServiceService>; write: Write };

type Options = Readonly<
  Partial<Record<'list' | 'help', boolean> & Record<'release' | 'confirm' | 'who' | 'why', string>>
>;

const usage = `Shows and decides holds: verdicts that do not count yet, because an outage is suspected. VAULT_ADDRESS names the vault (unix:/path or host:port).
  --list                 show the holds, and how earlier ones were decided
  --release <hold>       the verdicts were wrong: drop them, and try the credentials again
  --confirm <hold>       the verdicts were right: the credentials expire now, and people are told
      --who <name> --why <text>   who decides, and why; kept, and told in the log
The same decision can be given again; of all who decide a hold, one does.`;

/** What is asked for, or the text to show. Throws ConfigurationInvalidError. */
export function readHoldCommand(options: Options): HoldCommand | string {
  const { list, release, confirm, who = '', why = '', help } = options;
  if (help) return usage;
  const asked = [list, release, confirm].filter((one) => one !== undefined);
  if (asked.length !== 1)
    throw new ConfigurationInvalidError(['exactly one thing must be asked for', usage]);
  if (list) return { kind: 'list' };
  const missing = [who === '' && '--who', why === '' && '--why'].filter(Boolean);
  if (missing.length > 0)
    throw new ConfigurationInvalidError([`a decision needs ${missing.join(' and ')}`]);
  const end = release === undefined ? HoldEnd.CONFIRMED : HoldEnd.RELEASED;
  return { kind: 'decide', holdId: release ?? confirm ?? '', end, who, why };
}

/** Answers with the exit code. */
export async function runHoldCommand(command: HoldCommand, deps: Deps): Promise<number> {
  const { vault, write } = deps;
  switch (command.kind) {
    case 'list':
      for (const line of describeHolds(await vault.listHolds({}))) write(line);
      return 0;
    case 'decide': {
      const { holdId, end, who, why } = command;
      const request = { holdId, end, decidedBy: who, reason: why };
      const { decision, decidedNow } = await vault.decideHold(request);
      if (!decision) throw new Error('the vault answers a decision with the decision');
      const changed = decidedNow ? consequences[end] : undefined;
      write(changed ?? 'It was decided so before; nothing was changed.');
      write(describeDecision(decision));
      return 0;
    }
    default:
      return command satisfies never;
  }
}

const consequences: Record<number, string> = {
  [HoldEnd.RELEASED]: 'The held verdicts are dropped; the credentials are tried again.',
  [HoldEnd.CONFIRMED]: 'The held verdicts count: the credentials expire now, and people are told.',
};

const endNames: Record<number, string> = {
  [HoldEnd.RELEASED]: 'released',
  [HoldEnd.CONFIRMED]: 'confirmed',
  [HoldEnd.ENDED]: 'ended by time',
};

function describeHolds({ holds, decisions }: ListHoldsResponse): string[] {
  const header = ['PROVIDER', 'CLIENT', 'SINCE', 'HELD', 'ENDS BY ITSELF', 'HOLD'];
  return [
    ...(holds.length === 0 ? ['Nothing is held.'] : table([header, ...holds.map(toRow)])),
    ...(decisions.length === 0 ? [] : ['', 'Decided before:', ...decisions.map(describeDecision)]),
  ];
}

function toRow({ id, providerId, clientId, since, endsAt, held }: Hold): string[] {
  const count = held >= 100_000 ? `at least ${held}` : String(held);
  return [providerId, clientId, toText(since), count, toText(endsAt), id];
}

function describeDecision({ holdId, end, decidedAt, decidedBy, reason }: HoldDecision): string {
  const by = decidedBy === '' ? 'by itself' : `by ${decidedBy}: ${reason}`;
  return `${holdId} ${endNames[end] ?? 'ended'} ${toText(decidedAt)} ${by}`;
}

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function toText(moment: Date | undefined): string {
  return moment?.toISOString() ?? 'unknown';
}
