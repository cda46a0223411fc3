import type { Authorization } from '@credential-renewal/gateway/http-types';
import { Button, Group, Skeleton, Stack } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useAuthorization } from '../api/queries.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Notice } from '../shell/notice.tsx';
import { authorizationTarget } from './authorization-target.ts';
import classes from './leave-dialog.module.css';
import { healsWords, purposeWords, type RenewalPurpose } from './renewal-purpose.ts';

export type Leaving =
  | { step: 'starting' }
  | { step: 'failed'; error: Error }
  | { step: 'ready'; authorization: Authorization };

type Props = {
  isOpen: boolean;
  leaving: Leaving;
  purpose: RenewalPurpose;
  isSwitch: boolean;
  onRetry: () => void;
  onCancel: () => void;
};

/** The step before leaving: which provider, which account, which sources it heals. */
export function LeaveDialog({ isOpen, leaving, purpose, isSwitch, onRetry, onCancel }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onCancel} title={purposeWords(purpose)} size={480}>
      <LeaveStep
        leaving={leaving}
        purpose={purpose}
        isSwitch={isSwitch}
        onRetry={onRetry}
        onCancel={onCancel}
      />
    </Dialog>
  );
}

function LeaveStep({ leaving, ...props }: Omit<Props, 'isOpen'>) {
  switch (leaving.step) {
    case 'starting':
      return <Waiting onCancel={props.onCancel} />;
    case 'failed':
      return (
        <>
          <Notice tone="warning" title="This could not be started">
            <p>{leaving.error.message}</p>
          </Notice>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={props.onCancel}>
              Cancel
            </Button>
            <Button onClick={props.onRetry} data-autofocus>
              Try again
            </Button>
          </Group>
        </>
      );
    case 'ready':
      return <Ready authorization={leaving.authorization} {...props} />;
    default:
      return leaving satisfies never;
  }
}

function Waiting({ onCancel }: { onCancel: () => void }) {
  return (
    <Stack gap="sm" aria-busy>
      <span role="status">Preparing…</span>
      <Skeleton height={20} width="80%" />
      <Skeleton height={96} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

type ReadyProps = Omit<Props, 'isOpen' | 'leaving'> & { authorization: Authorization };

function Ready({ authorization, purpose, isSwitch, onRetry, onCancel }: ReadyProps) {
  const details = useAuthorization(authorization.id, false);
  if (details.isPending) return <Waiting onCancel={onCancel} />;
  // Without the details the way on is still open: the provider itself says who it is.
  const provider = details.data?.providerName ?? 'the provider';
  const target = authorizationTarget(authorization.authorizationUrl, window.location.origin);
  if (target === undefined) {
    const error = new Error('The server answered with an address that is not a web page.');
    return (
      <LeaveStep
        leaving={{ step: 'failed', error }}
        {...{ purpose, isSwitch, onRetry, onCancel }}
      />
    );
  }
  return (
    <>
      <p className={classes.lead}>
        You are about to leave for <strong>{provider}</strong>. Give access there and you come
        straight back to this page.
      </p>
      {isSwitch && (
        <Notice tone="warning" title="You are switching to another account">
          <p>The sources below will read the data of the account you choose at {provider}.</p>
        </Notice>
      )}
      <dl className={classes.facts}>
        <dt>Provider</dt>
        <dd>{provider}</dd>
        <dt>Account</dt>
        <dd>{accountWords(details.data?.providerAccount ?? null, isSwitch)}</dd>
        <NewPermissions scopes={details.data?.upgradeScopes ?? []} />
        <Heals title={healsWords(purpose)} heals={authorization.heals} />
      </dl>
      <div className={classes.actions}>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button
          data-autofocus
          autoFocus
          rightSection={<IconArrowRight size={17} stroke={2} aria-hidden />}
          onClick={() => window.location.assign(target)}
        >
          Continue to {provider}
        </Button>
      </div>
    </>
  );
}

/** What a release has come to need. The provider asks for these beside those that it was asked for before. */
function NewPermissions({ scopes }: { scopes: string[] }) {
  if (scopes.length === 0) return null;
  return (
    <>
      <dt>New permissions</dt>
      <dd>
        <ul className={classes.heals}>
          {scopes.map((scope) => (
            <li key={scope}>
              <code>{scope}</code>
            </li>
          ))}
        </ul>
      </dd>
    </>
  );
}

function Heals({ title, heals }: { title: string; heals: Authorization['heals'] }) {
  if (heals.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <ul className={classes.heals}>
          {heals.map(({ id, name }) => (
            <li key={id}>{name}</li>
          ))}
        </ul>
      </dd>
    </>
  );
}

function accountWords(account: string | null, isSwitch: boolean) {
  if (account === null) return 'The one you sign in with there';
  if (isSwitch) return <>Another one than {account}</>;
  return (
    <>
      <strong>{account}</strong>
      <span className={classes.hint}>Sign in there with this account.</span>
    </>
  );
}
