import { Anchor, Button, Group } from '@mantine/core';
import { IconArrowLeft, IconPlugConnected, IconPlus, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { hasStatus } from '../api/problem-error.ts';
import { useMe, useWorkspace, useWorkspaceSources } from '../api/queries.ts';
import { OutcomeBanner } from '../renewal/outcome-banner.tsx';
import { entryOfOutcome } from '../renewal/renewal-entry.ts';
import { EmptyState } from '../shell/empty-state.tsx';
import { NotFoundPage } from '../shell/not-found-page.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { AddSourceDialog } from '../sources/add-source-dialog.tsx';
import { SourceList } from '../sources/source-list.tsx';
import { sourceSummary } from '../sources/source-summary.ts';
import { MembersDialog } from './members-dialog.tsx';

export function WorkspacePage() {
  const { workspaceId = '' } = useParams();
  return <WorkspaceOf key={workspaceId} workspaceId={workspaceId} />;
}

function WorkspaceOf({ workspaceId }: { workspaceId: string }) {
  const workspace = useWorkspace(workspaceId);
  const list = useWorkspaceSources(workspaceId);
  const [isAdding, setAdding] = useState(false);
  const place = { kind: 'workspace', workspaceId } as const;
  const sources = list.data?.pages.flatMap((page) => page.items);
  if (hasStatus(workspace.error, 403, 404)) {
    return (
      <NotFoundPage
        title="Workspace not found"
        text="This workspace does not exist, or you are not a member of it. If a mail led you here, there is nothing to do for you any more."
      />
    );
  }
  return (
    <>
      <PageHeader
        above={<BackToWorkspaces />}
        title={workspace.data?.name ?? 'Workspace'}
        summary={sources && sourceSummary(sources, !list.hasNextPage)}
        action={
          <>
            {workspace.data?.administered && <MembersButton workspaceId={workspaceId} />}
            <Button
              leftSection={<IconPlus size={18} stroke={2} aria-hidden />}
              onClick={() => setAdding(true)}
            >
              Add new source
            </Button>
          </>
        }
      />
      <OutcomeBanner entryOf={(outcome) => entryOfOutcome(outcome, place)} />
      <SourceList
        list={list}
        sources={sources}
        place={place}
        label={`Sources of ${workspace.data?.name ?? 'this workspace'}`}
        empty={
          <EmptyState
            icon={<IconPlugConnected size={26} stroke={1.6} />}
            title="No sources in this workspace"
            text="Add the first one above. Everybody in the workspace sees how it stands."
          />
        }
      />
      <AddSourceDialog
        isOpen={isAdding}
        workspace={workspace.data ?? { id: workspaceId, name: 'This workspace' }}
        onClose={() => setAdding(false)}
      />
    </>
  );
}

function BackToWorkspaces() {
  return (
    <Anchor component={Link} to="/workspaces" size="sm" c="dimmed">
      <Group component="span" gap={4} display="inline-flex">
        <IconArrowLeft size={15} stroke={1.8} aria-hidden />
        Workspaces
      </Group>
    </Anchor>
  );
}

function MembersButton({ workspaceId }: { workspaceId: string }) {
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  if (me.data === undefined) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconUsers size={17} stroke={1.8} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        Change members
      </Button>
      <MembersDialog
        isOpen={isOpen}
        workspaceId={workspaceId}
        myId={me.data.user.id}
        onClose={() => setOpen(false)}
      />
    </>
  );
}
