import type { AuthorizedConnection } from '@credential-renewal/gateway/http-types';
import { useDeleteAuthorizedConnection } from '../api/commands.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { ConfirmDialog } from '../shell/confirm-dialog.tsx';

type Props = { connection: AuthorizedConnection; isOpen: boolean; onClose: () => void };

export function DeleteConnectionDialog({ connection, isOpen, onClose }: Props) {
  const remove = useDeleteAuthorizedConnection();
  const announce = useAnnounce();
  const { id, name, sourceCount } = connection;
  function confirm() {
    remove.mutate(id, {
      onSuccess: () => {
        onClose();
        announce(`${name} was deleted.`);
      },
    });
  }
  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={`Delete ${name}`}
      confirm="Delete"
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      {sourceCount > 0 ? (
        <p>
          {sourceCount === 1 ? '1 source uses it' : `${sourceCount} sources use it`}. A connection
          can be deleted when no source uses it any more: disconnect them first.
        </p>
      ) : (
        <p>
          No source uses it. If no other credential shares its account, the access is withdrawn at
          the provider too.
        </p>
      )}
    </ConfirmDialog>
  );
}
