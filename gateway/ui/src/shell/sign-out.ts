import { useState } from 'react';
import { useApi } from '../api/api-context.ts';
import { useAnnounce } from './announcer.tsx';
import { signInUrl } from './sign-in.ts';

/** Signs out and leads to the sign-in, and from there to `returnTo`. */
export function useSignOut(returnTo: string) {
  const api = useApi();
  const announce = useAnnounce();
  const [isLeaving, setLeaving] = useState(false);
  async function start() {
    setLeaving(true);
    try {
      await api.signOut();
      window.location.assign(signInUrl(returnTo));
    } catch {
      announce('Signing out did not work. Try again.');
      setLeaving(false);
    }
  }
  return { isLeaving, start };
}
