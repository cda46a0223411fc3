/** `user:password`; the password may hold colons. */
export function parseLogin(text: string): { user: string; password: string } | undefined {
  const [, user, password] = /^([^:\r\n]+):([^\r\n]+)$/.exec(text) ?? [];
  return user === undefined || password === undefined ? undefined : { user, password };
}
