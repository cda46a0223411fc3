import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import type { RenewalOffer } from '../credential/credential-status.ts';
import { useRenewal } from './renewal-context.ts';
import type { RenewalEntry } from './renewal-entry.ts';
import { purposeWords } from './renewal-purpose.ts';

type Props = { offer: RenewalOffer; entry: RenewalEntry; describedBy?: string };

/** The button of My sources, Authorized connections and the source's page. Red only when the credential is dead. */
export function RenewButton({ offer, ...props }: Props) {
  return offer === 'none' ? null : <OfferedButton offer={offer} {...props} />;
}

/** The workspace's fingerprint next to the date, for what has to be renewed. */
export function RenewFingerprint({ offer, ...props }: Props) {
  return offer === 'none' || offer === 'finish' || offer === 'grant' ? null : (
    <OfferedFingerprint offer={offer} {...props} />
  );
}

type Offered = Props & { offer: Exclude<RenewalOffer, 'none'> };

function OfferedButton({ offer, entry, describedBy }: Offered) {
  const renewal = useRenewal();
  const button = useFocusHandedOn();
  const purpose = offer === 'finish' || offer === 'grant' ? offer : 'renew';
  return (
    <Button
      ref={button}
      size="sm"
      {...(offer === 'renew-now' ? { color: 'red' } : { variant: 'default' })}
      data-renew
      aria-describedby={describedBy}
      onClick={() => renewal.start(entry, { purpose })}
    >
      {purposeWords(purpose)}
    </Button>
  );
}

function OfferedFingerprint({ offer, entry, describedBy }: Offered) {
  const renewal = useRenewal();
  const button = useFocusHandedOn();
  return (
    <Tooltip label="Renew credentials">
      <ActionIcon
        ref={button}
        size={34}
        {...(offer === 'renew-now' ? { color: 'red' } : { variant: 'default' })}
        data-renew
        aria-label="Renew credentials"
        aria-describedby={describedBy}
        onClick={() => renewal.start(entry)}
      >
        <IconFingerprint size={21} stroke={1.8} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/**
 * A button that disappears because its credential was healed would drop keyboard focus to the top of the page. It hands
 * it to the name in its row instead; at this point of React's commit the row is still whole. So the button has to be a
 * component of its own that goes away: the effects of one that only renders nothing run when the row has lost it.
 */
function useFocusHandedOn() {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const element = button.current;
    return () => {
      if (element === null || document.activeElement !== element) return;
      element
        .closest('[data-renewable]')
        ?.querySelector<HTMLElement>('[data-renewable-name]')
        ?.focus({ preventScroll: true });
    };
  }, []);
  return button;
}
