import type { Drill, Source } from '@credential-renewal/gateway/http-types';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useEndDrill, useStartDrill } from '../api/commands.ts';
import { useDrills } from '../api/queries.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { ConfirmDialog } from '../shell/confirm-dialog.tsx';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import panel from '../shell/panel.module.css';
import type { DrillPlace } from './drill-place.ts';
import { DrillReport } from './drill-report.tsx';
import classes from './drills-panel.module.css';

/** Where an administrator rehearses an expiry of a source, and reads who reacted when. */
export function DrillsPanel({ source }: { source: Source }) {
  const place: DrillPlace = { kind: 'source', id: source.id };
  const list = useDrills(place);
  const drills = list.data?.items;
  return (
    <section className={panel.panel} aria-labelledby="drills">
      <div className={classes.heading}>
        <h2 id="drills" className={panel.title}>
          Drills
        </h2>
        {drills && <StartDrill source={source} place={place} drills={drills} />}
      </div>
      <p className={classes.about}>
        Find out who reacts when credentials expire, and how fast, while everything works on.
      </p>
      {drills?.map((drill) => (
        <DrillReport
          key={drill.id}
          drill={drill}
          action={<EndDrill place={place} drill={drill} />}
        />
      ))}
      {drills === undefined &&
        (list.isError ? (
          <ErrorState
            error={list.error}
            title="The drills could not be loaded"
            onRetry={() => list.refetch()}
          />
        ) : (
          <ListSkeleton label="Loading drills" rows={1} />
        ))}
    </section>
  );
}

type StartProps = { source: Source; place: DrillPlace; drills: Drill[] };

function StartDrill({ source, place, drills }: StartProps) {
  const [isAsking, setAsking] = useState(false);
  const start = useStartDrill();
  const announce = useAnnounce();
  const isRunning = drills.some(({ end }) => end === null);
  const works = ['healthy', 'expiring', 'delayed'].includes(source.credential.status);
  if (isRunning || !works) return null;
  function confirm() {
    start.mutate(place, {
      onSuccess: () => {
        setAsking(false);
        announce('The drill has begun.');
      },
    });
  }
  return (
    <>
      <Button variant="default" size="sm" onClick={() => setAsking(true)}>
        Rehearse an expiry
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={`Rehearse an expiry of ${source.name}`}
        confirm="Start the drill"
        isBusy={start.isPending}
        error={start.error}
        onConfirm={confirm}
        onClose={() => setAsking(false)}
      >
        <p>
          Whoever would be told of a real expiry gets a mail marked “Drill”, and a marked button in
          the lists. Nothing expires, and the button leads to no provider. You see here who reacts,
          and when.
        </p>
      </ConfirmDialog>
    </>
  );
}

function EndDrill({ place, drill }: { place: DrillPlace; drill: Drill }) {
  const end = useEndDrill();
  if (drill.end !== null) return null;
  return (
    <Button
      variant="default"
      size="sm"
      loading={end.isPending}
      onClick={() => end.mutate({ place, drillId: drill.id })}
    >
      End the drill
    </Button>
  );
}
