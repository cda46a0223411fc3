import type { Connector_Parameter } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { checkParameters } from '@credential-renewal/rpc';
import type { GivenParameters } from './schemas/index.ts';

/** What a person gave, trimmed. Checked as the broker checks it, whose law it is, and here already, so that nothing is added first. */
export function readParameters(
  asked: readonly Connector_Parameter[],
  given: GivenParameters = {},
): Record<string, string> {
  const values = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value.trim()]),
  );
  checkParameters(asked, values);
  return values;
}
