import { Button } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMySources } from '../api/queries.ts';
import { OutcomeBanner } from '../renewal/outcome-banner.tsx';
import { entryOfOutcome } from '../renewal/renewal-entry.ts';
import { EmptyState } from '../shell/empty-state.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { AddSourceDialog } from '../sources/add-source-dialog.tsx';
import { SourceList } from '../sources/source-list.tsx';
import { sourceSummary } from '../sources/source-summary.ts';

const place = { kind: 'my-sources' } as const;

export function MySourcesPage() {
  const list = useMySources();
  const [isAdding, setAdding] = useState(false);
  const sources = list.data?.pages.flatMap((page) => page.items);
  const addButton = (
    <Button
      leftSection={<IconPlus size={18} stroke={2} aria-hidden />}
      onClick={() => setAdding(true)}
    >
      Add new source
    </Button>
  );
  return (
    <>
      <PageHeader
        title="My sources"
        summary={sources && sourceSummary(sources, !list.hasNextPage)}
        action={addButton}
      />
      <OutcomeBanner entryOf={(outcome) => entryOfOutcome(outcome, place)} />
      <SourceList
        list={list}
        sources={sources}
        place={place}
        label="My sources"
        empty={
          <EmptyState
            icon={<IconPlugConnected size={26} stroke={1.6} />}
            title="Connect your first source"
            text="A source syncs data through a connector. Add one above: you are taken to its provider to give access, and straight back."
          />
        }
      />
      <AddSourceDialog isOpen={isAdding} onClose={() => setAdding(false)} />
    </>
  );
}
