import { ProblemError } from '../api/problem-error.ts';
import { Notice } from './notice.tsx';

/** What the server says about one field, by JSON pointer. */
export function fieldError(error: Error | null, pointer: string): string | undefined {
  return error instanceof ProblemError ? error.field(pointer) : undefined;
}

type Props = {
  error: Error | null;
  /** Fields that show their own part of the error. */
  pointers: string[];
};

/** What went wrong with a form, unless its fields say so already. */
export function FormError({ error, pointers }: Props) {
  if (error === null) return null;
  if (pointers.some((pointer) => fieldError(error, pointer) !== undefined)) return null;
  return (
    <Notice tone="warning" title="That did not work">
      <p>{error.message}</p>
    </Notice>
  );
}
