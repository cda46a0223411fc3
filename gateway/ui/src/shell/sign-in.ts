/** Leads to the gateway's sign-in and from there back to the page the browser is on. */
export function goToSignIn(location: Location): void {
  location.assign(signInUrl(location.pathname + location.search));
}

export function signInUrl(returnTo: string): string {
  return `/sign-in?${new URLSearchParams({ returnTo })}`;
}
