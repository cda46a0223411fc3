import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation } from 'react-router';
import { useMe } from '../api/queries.ts';
import { Notice } from './notice.tsx';
import { useSignOut } from './sign-out.ts';

type Props = {
  title: string;
  children: string;
  onDismiss?: () => void;
  /** Beside the way to another account. */
  action?: ReactNode;
};

/**
 * For somebody whose mail leads to what is not there for them: gone, or seen from another account than the one it was sent to. Which of the
 * two it is we may not say, since what lies in another account does not exist here; so it says who they are, and offers to change that.
 */
export function NoLongerThereNotice({ title, children, onDismiss, action }: Props) {
  const { pathname, search } = useLocation();
  const signOut = useSignOut(pathname + search);
  const me = useMe();
  return (
    <Notice
      tone="info"
      title={title}
      onDismiss={onDismiss}
      actions={
        <>
          {action}
          <Button variant="default" size="sm" loading={signOut.isLeaving} onClick={signOut.start}>
            Use another account
          </Button>
        </>
      }
    >
      <p>{children}</p>
      {me.data && (
        <p>
          You are signed in as {me.data.user.email} at {me.data.account.name}. If the link was for
          another account of yours, sign in with that one.
        </p>
      )}
    </Notice>
  );
}
