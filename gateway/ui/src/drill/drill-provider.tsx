import type { WaitingDrill } from '@credential-renewal/gateway/http-types';
import { Button, Group } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { useReactToDrill } from '../api/commands.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Notice } from '../shell/notice.tsx';
import { DrillContext, type DrillReactions } from './drill-context.ts';
import type { DrillPlace } from './drill-place.ts';

type Reaction = { place: DrillPlace; drill: WaitingDrill };

/** Holds what is said after the click above the pages, since the button that was pressed goes away. */
export function DrillProvider({ children }: { children: ReactNode }) {
  const [reaction, setReaction] = useState<Reaction>();
  const [isOpen, setOpen] = useState(false);
  const { mutate, error, isPending } = useReactToDrill();
  const reactions = useMemo<DrillReactions>(
    () => ({
      react(place, drill) {
        setReaction({ place, drill });
        setOpen(true);
        mutate({ place, drillId: drill.id });
      },
    }),
    [mutate],
  );
  const close = () => setOpen(false);
  return (
    <DrillContext value={reactions}>
      {children}
      <Dialog isOpen={isOpen} onClose={close} title="This was a drill" size={460}>
        <p>
          Nothing has expired, thank you. {reaction?.drill.startedBy} is finding out how fast people
          react, and nothing is to be renewed.
        </p>
        {error && (
          <Notice tone="warning" title="Your reaction could not be recorded">
            <p>{error.message}</p>
          </Notice>
        )}
        <Group justify="flex-end" gap="xs" mt="lg">
          {error && reaction && (
            <Button
              variant="default"
              onClick={() => reactions.react(reaction.place, reaction.drill)}
            >
              Try again
            </Button>
          )}
          <Button loading={isPending} onClick={close} data-autofocus>
            Close
          </Button>
        </Group>
      </Dialog>
    </DrillContext>
  );
}
