/** The contracts do not pass, or what is made from them is not theirs; the message lists why. */
export class ContractsInvalidError extends Error {
  readonly code = 'CONTRACTS_INVALID';
  constructor(message: string) {
    super(message);
    this.name = 'ContractsInvalidError';
  }
}
