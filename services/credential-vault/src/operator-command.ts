import { openRpcEndpoint, type RpcEndpoint, readTlsSettings } from '@credential-renewal/rpc';
import {
  ConfigurationInvalidError,
  createLogger,
  DomainError,
  readSettings,
} from '@credential-renewal/runtime';

/** A line for the person at the terminal. */
export type Write = (line: string) => void;

/** Runs a command of an operator at the vault of `VAULT_ADDRESS`. Answers with the exit code; what is expected to go wrong is one sentence. */
export async function runOperatorCommand<Command extends object>(options: {
  name: string;
  /** What is asked for, or the text to show. Throws ConfigurationInvalidError. */
  read: () => Command | string;
  run: (
    command: Command,
    vault: { rpc: RpcEndpoint; address: string },
    write: Write,
  ) => Promise<number>;
}): Promise<number> {
  const write: Write = (line) => process.stdout.write(`${line}\n`);
  try {
    const command = options.read();
    if (typeof command === 'string') {
      write(command);
      return 0;
    }
    const { address, tls } = readSettings(process.env, (settings) => ({
      address: settings.text('VAULT_ADDRESS'),
      tls: readTlsSettings(settings),
    }));
    const logger = createLogger({ service: options.name, level: 'warn' });
    const rpc = openRpcEndpoint('operator', tls, { logger });
    try {
      return await options.run(command, { rpc, address }, write);
    } finally {
      rpc.close();
    }
  } catch (error) {
    const isExpected = error instanceof DomainError || error instanceof ConfigurationInvalidError;
    process.stderr.write(
      `${isExpected ? error.message : String((error as Error).stack ?? error)}\n`,
    );
    return 1;
  }
}

/** What `parseArgs` does not understand is told like every wrong setting. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ConfigurationInvalidError([(error as Error).message]);
  }
}
