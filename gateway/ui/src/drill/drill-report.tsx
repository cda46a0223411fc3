import type { Drill } from '@credential-renewal/gateway/http-types';
import { IconCircleCheck, IconClock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { TimeAgo, TimeUntil } from '../time/time-ago.tsx';
import { durationWords, endWords, reactedWords } from './drill-words.ts';
import classes from './drills-panel.module.css';

type Props = { drill: Drill; action: ReactNode };

/** Who was told, and who reacted when. */
export function DrillReport({ drill, action }: Props) {
  const { startedAt, startedBy, endsAt, end, recipients } = drill;
  return (
    <article className={classes.report} data-drill-report>
      <div className={classes.heading}>
        <div>
          <h3 className={classes.title}>
            {end === null ? 'Running' : endWords(end)}
            <span className={classes.count}>{reactedWords(drill)}</span>
          </h3>
          <p className={classes.about}>
            Started by {startedBy.name} <TimeAgo time={startedAt} />
            {end === null && (
              <>
                , ends by itself <TimeUntil time={endsAt} />
              </>
            )}
          </p>
        </div>
        {action}
      </div>
      <ul className={classes.people} aria-label="Who was told">
        {recipients.map(({ user, reactedAt }) => (
          <li key={user.id} className={classes.person}>
            <span className={classes.name}>{user.name}</span>
            {reactedAt === null ? (
              <span className={classes.state}>
                <IconClock size={16} stroke={1.9} aria-hidden />
                {end === null ? 'Has not reacted yet' : 'Did not react'}
              </span>
            ) : (
              <span className={classes.state} data-reacted>
                <IconCircleCheck size={16} stroke={1.9} aria-hidden />
                Reacted after {durationWords(Date.parse(reactedAt) - Date.parse(startedAt))},{' '}
                <TimeAgo time={reactedAt} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </article>
  );
}
