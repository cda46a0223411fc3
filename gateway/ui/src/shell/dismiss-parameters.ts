import { useSearchParams } from 'react-router';

/** Takes parameters out of the address without a new history entry, and keeps the focus on the page. */
export function useDismissParameters(...parameters: string[]): () => void {
  const [, setSearch] = useSearchParams();
  return () => {
    setSearch(
      (before) => {
        for (const parameter of parameters) before.delete(parameter);
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
    document.getElementById('main')?.focus({ preventScroll: true });
  };
}
