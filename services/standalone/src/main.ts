import { runProcess } from '@credential-renewal/runtime';
import { readStandaloneConfig, type StandaloneConfig } from './config.ts';
import { explainStartError } from './explain-start-error.ts';
import { startStandalone } from './standalone.ts';
import { welcome } from './welcome.ts';

let config: StandaloneConfig | undefined;

/** `npm start`: the whole product in one process. */
await runProcess({
  start: async () => {
    config = readStandaloneConfig(process.env);
    const standalone = await startStandalone(config);
    process.stdout.write(welcome(standalone));
    return standalone;
  },
  explain: (error) => explainStartError(error, config),
});
