import {
  ConfigurationInvalidError,
  createLogger,
  DomainError,
  type Logger,
} from '@credential-renewal/runtime';

export type Command = {
  env: Record<string, string | undefined>;
  args: string[];
  logger: Logger;
  tell: (line: string) => void;
};

/**
 * Runs something that an operator asked for and that ends: what it tells goes to stdout, what is wrong to stderr in plain words. Exits with
 * what `run` answers, or with 1.
 */
export async function runCommand(
  { env, args }: Pick<Command, 'env' | 'args'>,
  run: (command: Command) => Promise<number>,
): Promise<never> {
  const tell = (line: string) => void process.stdout.write(`${line}\n`);
  // Only what ends it, which is told below.
  const logger = createLogger({ service: 'command', level: 'fatal' });
  try {
    process.exit(await run({ env, args, logger, tell }));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const isExpected =
    error instanceof DomainError ||
    error instanceof ConfigurationInvalidError ||
    (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'));
  return isExpected ? error.message : (error.stack ?? error.message);
}
