import type { Source } from '@credential-renewal/gateway/http-types';
import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { NoLongerThereNotice } from '../shell/no-longer-there-notice.tsx';
import { Notice } from '../shell/notice.tsx';
import { PageHeader } from '../shell/page-header.tsx';

const title = 'This source no longer exists';

const toMySources = (
  <Button component={Link} to="/my-sources" size="sm">
    Go to My sources
  </Button>
);

/**
 * In the place of a source's page. `seen`: the page has shown it to this very person before, so that it can be called by its name, and another account
 * would not help. Who disconnected it and when is forgotten with the source.
 */
export function SourceGone({ seen }: { seen: Source | undefined }) {
  return (
    <>
      <PageHeader title={seen?.name ?? title} summary={seen?.connector.name} />
      {seen ? (
        <Notice tone="info" title={title} actions={toMySources}>
          <p>It was disconnected, or you have lost access to it. There is nothing to do.</p>
        </Notice>
      ) : (
        <NoLongerThereNotice title="There is nothing to do" action={toMySources}>
          It was disconnected, or you have no access to it. What is yours is in My sources.
        </NoLongerThereNotice>
      )}
    </>
  );
}
