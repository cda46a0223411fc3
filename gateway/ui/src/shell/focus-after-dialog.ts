import { useEffect, useRef } from 'react';

type Opener = { element: Element | null; row: Element | null };

/**
 * A closed dialog gives the focus back to what opened it. When that is gone, because the page learned meanwhile that the
 * credential was healed, the focus goes to the name in its row, or else to the page. Returns what to do after closing.
 */
export function useFocusAfterDialog(isOpen: boolean): () => void {
  const opener = useRef<Opener>({ element: null, row: null });
  useEffect(() => {
    const element = document.activeElement;
    if (isOpen) opener.current = { element, row: element?.closest('[data-renewable]') ?? null };
  }, [isOpen]);
  return () => {
    const { element, row } = opener.current;
    if (element?.isConnected && element !== document.body) return;
    const name = row?.isConnected ? row.querySelector('[data-renewable-name]') : null;
    const target = name ?? document.getElementById('main');
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  };
}
