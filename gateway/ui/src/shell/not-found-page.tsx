import { Button } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { EmptyState } from './empty-state.tsx';
import { PageHeader } from './page-header.tsx';

type Props = { title?: string; text?: string };

export function NotFoundPage({
  title = 'Page not found',
  text = 'There is nothing at this address. It may have been removed, or the link may be incomplete.',
}: Props) {
  return (
    <>
      <PageHeader title={title} />
      <EmptyState
        icon={<IconMapOff size={26} stroke={1.6} />}
        title="Nothing here"
        text={text}
        action={
          <Button component={Link} to="/my-sources" variant="default">
            Go to My sources
          </Button>
        }
      />
    </>
  );
}
