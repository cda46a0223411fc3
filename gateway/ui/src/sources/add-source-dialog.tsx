import type { Connector, Named } from '@credential-renewal/gateway/http-types';
import { Modal } from '@mantine/core';
import { useConnectors } from '../api/queries.ts';
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
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Add new source"
      radius="lg"
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Catalogue>
        {(connectors) => (
          <AddSourceForm connectors={connectors} workspace={workspace} onClose={onClose} />
        )}
      </Catalogue>
    </Modal>
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
