import type { Authorization } from '@credential-renewal/gateway/http-types';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { useLocation } from 'react-router';
import { useCancelAuthorization, useStartRenewal } from '../api/commands.ts';
import { queryKeys } from '../api/query-keys.ts';
import { LeaveDialog, type Leaving } from './leave-dialog.tsx';
import { type Renewal, RenewalContext } from './renewal-context.ts';
import type { RenewalEntry } from './renewal-entry.ts';
import type { RenewalPurpose } from './renewal-purpose.ts';

type Started = { entry: RenewalEntry; switchAccount: boolean; purpose: RenewalPurpose };

/**
 * Holds the step before leaving above the pages, so that a page that refreshes itself, or loses the very button that was
 * pressed, does not close it.
 */
export function RenewalProvider({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  const queryClient = useQueryClient();
  const { mutate: startRenewal, reset } = useStartRenewal();
  const { mutate: cancelAuthorization } = useCancelAuthorization();
  const [started, setStarted] = useState<Started>();
  const [leaving, setLeaving] = useState<Leaving>({ step: 'starting' });
  const [isOpen, setOpen] = useState(false);

  const renewal = useMemo<Renewal & { begin(what: Started): void }>(() => {
    function begin(what: Started) {
      const { entry, switchAccount } = what;
      setStarted(what);
      setLeaving({ step: 'starting' });
      setOpen(true);
      startRenewal(
        { entry, renewal: { returnTo: pathname, ...(switchAccount && { switchAccount }) } },
        {
          onSuccess: (authorization) => setLeaving({ step: 'ready', authorization }),
          onError: (error) => setLeaving({ step: 'failed', error }),
        },
      );
    }
    return {
      begin,
      start: (entry, { switchAccount = false, purpose = 'renew' } = {}) =>
        begin({ entry, switchAccount, purpose }),
      leave(authorization: Authorization) {
        setStarted(undefined);
        setLeaving({ step: 'ready', authorization });
        setOpen(true);
      },
    };
  }, [pathname, startRenewal]);

  function cancel() {
    setOpen(false);
    if (leaving.step === 'ready') cancelAuthorization(leaving.authorization.id);
    // A renewal that is still being started is dropped by its observer; the server lets it lapse after ten minutes.
    if (leaving.step === 'starting') reset();
    if (leaving.step === 'failed') {
      // What the page shows may be the reason: healed meanwhile, or gone.
      queryClient.invalidateQueries({ queryKey: queryKeys.allSources });
      queryClient.invalidateQueries({ queryKey: queryKeys.allConnections });
    }
  }

  return (
    <RenewalContext value={renewal}>
      {children}
      <LeaveDialog
        isOpen={isOpen}
        leaving={leaving}
        purpose={started?.purpose ?? 'finish'}
        isSwitch={started?.switchAccount ?? false}
        onRetry={() => started && renewal.begin(started)}
        onCancel={cancel}
      />
    </RenewalContext>
  );
}
