import { VisuallyHidden } from '@mantine/core';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

type Announce = (text: string) => void;

const AnnounceContext = createContext<Announce | undefined>(undefined);

/** Says `text` to screen readers without moving anybody's focus. */
export function useAnnounce(): Announce {
  const announce = useContext(AnnounceContext);
  if (announce === undefined) throw new Error('useAnnounce needs an Announcer above it');
  return announce;
}

export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ text: '', count: 0 });
  const announce = useCallback<Announce>(
    (text) => setSaid((before) => ({ text, count: before.count + 1 })),
    [],
  );
  return (
    <AnnounceContext value={announce}>
      {children}
      <VisuallyHidden role="status" aria-live="polite" data-announcer>
        {/* A new element for each announcement, or the same words twice would be said once. */}
        <span key={said.count}>{said.text}</span>
      </VisuallyHidden>
    </AnnounceContext>
  );
}
