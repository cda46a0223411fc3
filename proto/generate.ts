import { parseArgs } from 'node:util';
import { check, generate, release } from './contracts.ts';
import { ContractsInvalidError } from './contracts-invalid-error.ts';

const directory = import.meta.dirname;
const { values } = parseArgs({
  options: { check: { type: 'boolean' }, release: { type: 'boolean' } },
});

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  if (!(error instanceof ContractsInvalidError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function run(): Promise<string> {
  if (values.check) {
    await check(directory);
    return 'The contracts pass, and what is made from them is theirs.';
  }
  if (values.release) {
    await release(directory);
    return 'proto/released.binpb and proto/events/released.asyncapi.yaml now hold the contracts as they are.';
  }
  const changed = await generate(directory);
  return changed.length === 0
    ? 'What is made from the protos was up to date.'
    : `Generated:\n${changed.map((name) => `  proto/${name}`).join('\n')}`;
}
