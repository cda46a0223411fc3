import { useSearchParams } from 'react-router';

/** Takes a parameter out of the address without a new history entry, and keeps the focus on the page. */
export function useDismissParameter(parameter: string): () => void {
  const [, setSearch] = useSearchParams();
  return () => {
    setSearch(
      (before) => {
        before.delete(parameter);
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
    document.getElementById('main')?.focus({ preventScroll: true });
  };
}
