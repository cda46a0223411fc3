import { Button } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { EmptyState } from './empty-state.tsx';

type Props = { error: Error; title?: string; onRetry: () => void };

/** Something could not be read: the gateway's own words, and a way on. */
export function ErrorState({ error, title = 'This could not be loaded', onRetry }: Props) {
  return (
    <div role="alert">
      <EmptyState
        icon={<IconCloudOff size={26} stroke={1.6} />}
        title={title}
        text={error.message}
        action={
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        }
      />
    </div>
  );
}
