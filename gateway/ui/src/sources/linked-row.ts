import { useEffect, useRef } from 'react';

type Linked = {
  /** The row a link points at. */
  id: string | null;
  isListed: boolean;
  hasMore: boolean;
  isLoading: boolean;
  loadMore: () => void;
};

/**
 * Brings the row that a link (from a mail) points at into view and puts the focus on its renew button, or on its name
 * when there is nothing to press. Reads further pages of the list until the row is there. Happens once per link.
 */
export function useLinkedRow({ id, isListed, hasMore, isLoading, loadMore }: Linked): void {
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (id === null || shown.current === id) return;
    if (!isListed) {
      if (hasMore && !isLoading) loadMore();
      return;
    }
    const row = document.getElementById(`row-${id}`);
    if (row === null) return;
    shown.current = id;
    row.scrollIntoView({ block: 'center' });
    const target =
      row.querySelector<HTMLElement>('[data-renew]') ??
      row.querySelector<HTMLElement>('[data-renewable-name]');
    target?.focus({ preventScroll: true });
  }, [id, isListed, hasMore, isLoading, loadMore]);
}
