import type { Connector, Named } from '@credential-renewal/gateway/http-types';
import { useConnectors } from '../api/queries.ts';
import { Dialog } from '../shell/dialog.tsx';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import { AddSourceForm } from './add-source-form.tsx';

type Props = {
  isOpen: boolean;
  /** The workspace the source goes into; left to the person when absent. */
  workspace?: Named;
  onClose: () => void;
};

export function AddSourceDialog({ isOpen, workspace, onClose }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Add new source" size={560}>
      <Catalogue>
        {(connectors) => (
          <AddSourceForm connectors={connectors} workspace={workspace} onClose={onClose} />
        )}
      </Catalogue>
    </Dialog>
  );
}

/** Shows what needs the catalogue once it is there. */
export function Catalogue({
  children,
}: {
  children: (connectors: Connector[]) => React.ReactNode;
}) {
  const connectors = useConnectors();
  if (connectors.data) return children(connectors.data);
  if (connectors.isError) {
    return <ErrorState error={connectors.error} onRetry={() => connectors.refetch()} />;
  }
  return <ListSkeleton label="Loading connectors" rows={3} />;
}
