import type { AuthorizedConnection } from '@credential-renewal/gateway/http-types';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconHistory, IconShare, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useConnectionHistory } from '../api/queries.ts';
import { CredentialPanel } from '../credential/credential-panel.tsx';
import { HistoryEntries } from '../history/history.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { inMain } from '../shell/overlays.ts';
import { DeleteConnectionDialog } from './delete-connection-dialog.tsx';
import { ShareDialog } from './share-dialog.tsx';

type Open = 'history' | 'share' | 'delete' | undefined;

/** What else can be done with a connection. */
export function ConnectionMenu({ connection }: { connection: AuthorizedConnection }) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu
        position="bottom-end"
        width={220}
        shadow="md"
        radius="lg"
        portalProps={inMain}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={34}
            aria-label={`More for ${connection.name}`}
          >
            <IconDots size={19} stroke={1.8} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconHistory size={17} stroke={1.7} aria-hidden />}
            onClick={() => setOpen('history')}
          >
            Status and history
          </Menu.Item>
          {connection.canShare && (
            <Menu.Item
              leftSection={<IconShare size={17} stroke={1.7} aria-hidden />}
              onClick={() => setOpen('share')}
            >
              Share
            </Menu.Item>
          )}
          {connection.canDelete && (
            <Menu.Item
              leftSection={<IconTrash size={17} stroke={1.7} aria-hidden />}
              onClick={() => setOpen('delete')}
            >
              Delete
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <HistoryDialog connection={connection} isOpen={open === 'history'} onClose={close} />
      <ShareDialog connection={connection} isOpen={open === 'share'} onClose={close} />
      <DeleteConnectionDialog connection={connection} isOpen={open === 'delete'} onClose={close} />
    </>
  );
}

type DialogProps = { connection: AuthorizedConnection; isOpen: boolean; onClose: () => void };

function HistoryDialog({ connection, isOpen, onClose }: DialogProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={connection.name} size={600}>
      <ConnectionHistory connection={connection} />
    </Dialog>
  );
}

function ConnectionHistory({ connection }: { connection: AuthorizedConnection }) {
  const history = useConnectionHistory(connection.id);
  const { credential, canRenew, owner, sharedWith } = connection;
  return (
    <>
      {/* Renewing starts from the row. */}
      <CredentialPanel
        credential={credential}
        canRenew={canRenew}
        renewableBy={[owner, ...sharedWith]}
      />
      <HistoryEntries list={history} />
    </>
  );
}
