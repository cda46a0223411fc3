import type { Credential } from '@credential-renewal/gateway/http-types';
import panel from '../shell/panel.module.css';
import { TimeAgo } from '../time/time-ago.tsx';
import classes from './credential-panel.module.css';

type Evidence = NonNullable<NonNullable<Credential['reason']>['evidence']>;

/** What the provider said, word for word. The gateway sends it to administrators only. */
export function EvidenceDetails({ evidence }: { evidence: Evidence }) {
  const { error, description, httpStatus, verdict, seenAt } = evidence;
  return (
    <details className={classes.evidence}>
      <summary>Evidence for administrators</summary>
      <dl className={panel.facts}>
        <div>
          <dt>Provider's error</dt>
          <dd>
            <code>{error}</code>
          </dd>
        </div>
        <div>
          <dt>Its description</dt>
          <dd>{description === '' ? 'None' : description}</dd>
        </div>
        <div>
          <dt>HTTP status</dt>
          <dd>{httpStatus ?? 'None'}</dd>
        </div>
        <div>
          <dt>Verdict</dt>
          <dd>{verdictWords(verdict)}</dd>
        </div>
        <div>
          <dt>Seen</dt>
          <dd>
            <TimeAgo time={seenAt} />
          </dd>
        </div>
      </dl>
    </details>
  );
}

function verdictWords(verdict: Evidence['verdict']): string {
  switch (verdict) {
    case 'dead':
      return 'The grant is dead';
    case 'operator':
      return 'Our client is misconfigured';
    case 'transient':
      return 'Passing trouble';
    default:
      return verdict satisfies never;
  }
}
