import { Button, Group } from '@mantine/core';

type Props = { hasMore: boolean; isLoading: boolean; onMore: () => void };

export function ShowMore({ hasMore, isLoading, onMore }: Props) {
  if (!hasMore) return null;
  return (
    <Group justify="center" mt="md">
      <Button variant="default" loading={isLoading} onClick={onMore}>
        Show more
      </Button>
    </Group>
  );
}
