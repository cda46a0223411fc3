/** The provider account somebody chose or typed; undefined: nothing usable. */
export function accountFromForm(value: unknown): string | undefined {
  const account = typeof value === 'string' ? value.trim() : '';
  return account.length > 0 && account.length <= 100 ? account : undefined;
}

/** Checkboxes of one name: none, one or several. */
export function listFromForm(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}
