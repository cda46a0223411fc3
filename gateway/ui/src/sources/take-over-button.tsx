import type { Source } from '@credential-renewal/gateway/http-types';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTakeOver } from '../api/commands.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { ConfirmDialog } from '../shell/confirm-dialog.tsx';

type Props = { source: Source; workspaceId: string; describedBy?: string };

/** For an administrator of the workspace, when the source's creator has left. */
export function TakeOverButton({ source, workspaceId, describedBy }: Props) {
  const [isAsking, setAsking] = useState(false);
  const takeOver = useTakeOver();
  const announce = useAnnounce();
  function confirm() {
    takeOver.mutate(
      { workspaceId, sourceId: source.id },
      {
        onSuccess: () => {
          setAsking(false);
          announce(`${source.name} is yours now.`);
        },
      },
    );
  }
  return (
    <>
      <Button
        size="sm"
        variant="default"
        aria-describedby={describedBy}
        onClick={() => setAsking(true)}
      >
        Take over
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={`Take over ${source.name}`}
        confirm="Take over"
        isBusy={takeOver.isPending}
        error={takeOver.error}
        onConfirm={confirm}
        onClose={() => setAsking(false)}
      >
        <p>
          {source.creator.name} has left. You become the source's creator: you are told when its
          credentials expire, and you can renew them. This is recorded in its history.
        </p>
      </ConfirmDialog>
    </>
  );
}
