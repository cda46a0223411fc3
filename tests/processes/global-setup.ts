import setUpServers from '../servers/global-setup.ts';
import { factsVariable } from '../servers/run-facts.ts';

/** The servers of the run, unless the project `servers` is part of it and has started them. */
export default function setUp(): Promise<() => Promise<void>> | undefined {
  return process.env[factsVariable] === undefined ? setUpServers() : undefined;
}
