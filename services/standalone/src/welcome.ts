import type { Persona } from '@credential-renewal/demo-provider';

/** What a newcomer reads in the terminal. */
export function welcome(at: {
  gatewayUrl: string;
  demoUrl: string;
  logFile: string | undefined;
  personas: readonly Persona[];
}): string {
  const people = at.personas.map(
    ({ name, role, accountName, about }) =>
      `    ${name.padEnd(12)} ${role} of ${accountName}: ${about}`,
  );
  return [
    '',
    'Credential Renewal is ready.',
    '',
    `  The product      ${at.gatewayUrl}`,
    `  The demo world   ${at.demoUrl}   (withdraw a grant, read the mails)`,
    ...(at.logFile === undefined ? [] : [`  The log          ${at.logFile}`]),
    '',
    '  Sign in as:',
    ...people,
    '',
    'Ctrl-C stops it. What you did is kept for the next start.',
    '',
  ].join('\n');
}
