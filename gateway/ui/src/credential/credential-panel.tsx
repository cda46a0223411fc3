import type { Credential, Named } from '@credential-renewal/gateway/http-types';
import type { ReactNode } from 'react';
import { RenewButton } from '../renewal/renew-button.tsx';
import type { RenewalEntry } from '../renewal/renewal-entry.ts';
import panel from '../shell/panel.module.css';
import { RenewableByNote } from '../sources/renewable-by-note.tsx';
import { TimeAgo, TimeUntil } from '../time/time-ago.tsx';
import classes from './credential-panel.module.css';
import { needsRenewal, renewalOffer, standingSentences } from './credential-status.ts';
import { EvidenceDetails } from './evidence-details.tsx';
import { MoreAccessBadge } from './more-access-badge.tsx';
import { StatusBadge } from './status-badge.tsx';

type Props = {
  credential: Credential;
  canRenew: boolean;
  renewableBy: Named[];
  /** The authorized connection whose credential a source uses. */
  connection?: Named | null;
  /** Without it the panel only tells. */
  entry?: RenewalEntry;
  /** Instead of the button that renews, while a drill waits for the reader. */
  drillButton?: ReactNode;
};

/** How a credential stands, in plain words, and what the reader can do about it. */
export function CredentialPanel(props: Props) {
  const { credential, canRenew, renewableBy, connection = null, entry, drillButton } = props;
  const { status, since, expiresAt, reason, missingScopes, scopeUpgrade } = credential;
  return (
    <section className={panel.panel} aria-labelledby="status" data-renewable>
      <h2 id="status" className={panel.title} tabIndex={-1} data-renewable-name>
        Status
      </h2>
      <div className={classes.state}>
        <div className={classes.words}>
          <div className={classes.badges}>
            <StatusBadge status={status} canRenew={canRenew} />
            <span className={classes.since}>
              began <TimeAgo time={since} />
            </span>
            {scopeUpgrade && <MoreAccessBadge />}
          </div>
          {standingSentences(credential, reason?.text).map((sentence) => (
            <p key={sentence} className={classes.reason}>
              {sentence}
            </p>
          ))}
          {missingScopes.length > 0 && <MissingPermissions scopes={missingScopes} />}
          {scopeUpgrade && <MissingPermissions scopes={scopeUpgrade.missingScopes} />}
          {expiresAt !== null && !needsRenewal(status) && (
            <p className={classes.soft}>
              Ends by itself <TimeUntil time={expiresAt} />.
            </p>
          )}
          {(needsRenewal(status) || scopeUpgrade) && !canRenew && (
            <p className={classes.soft}>
              <RenewableByNote
                people={renewableBy}
                connection={connection}
                deed={needsRenewal(status) ? 'renew' : 'grant'}
              />
              .
            </p>
          )}
        </div>
        {entry && <RenewButton offer={renewalOffer(credential, canRenew)} entry={entry} />}
        {drillButton}
      </div>
      {reason?.evidence && <EvidenceDetails evidence={reason.evidence} />}
    </section>
  );
}

function MissingPermissions({ scopes }: { scopes: string[] }) {
  return (
    <>
      <p className={classes.soft}>Missing permissions:</p>
      <ul className={classes.scopes}>
        {scopes.map((scope) => (
          <li key={scope}>
            <code>{scope}</code>
          </li>
        ))}
      </ul>
    </>
  );
}
