import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createLogger } from '@credential-renewal/runtime';
import { createRpcServer } from './rpc-server.ts';
import { serve } from './served-service.ts';

// A replica for the tests: a read and a write, and a line for each that arrives. With `hold` it never answers.
const [address = '', mode] = process.argv.slice(2);
const { getAuthorization, cancelAuthorization } = OauthBrokerServiceService;
const say = (line: string) => process.stdout.write(`${line}\n`);

async function answer({ authorizationId }: { authorizationId: string }) {
  say(`got ${authorizationId}`);
  if (mode === 'hold') await new Promise(() => {});
  return { authorization: undefined };
}

const server = await createRpcServer({
  name: 'replica',
  address,
  logger: createLogger({ service: 'replica', level: 'silent' }),
  services: [
    serve(
      { getAuthorization, cancelAuthorization },
      { getAuthorization: answer, cancelAuthorization: answer },
    ),
  ],
});
say(`listening ${server.address}`);
