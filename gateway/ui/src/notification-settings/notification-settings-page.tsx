import { useNotificationPreferences } from '../api/queries.ts';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { NotificationSettingsForm } from './notification-settings-form.tsx';

export function NotificationSettingsPage() {
  const preferences = useNotificationPreferences();
  return (
    <>
      <PageHeader
        title="Notification settings"
        summary="How you are told when credentials of yours need you."
      />
      {preferences.data ? (
        <NotificationSettingsForm saved={preferences.data} />
      ) : preferences.isError ? (
        <ErrorState error={preferences.error} onRetry={() => preferences.refetch()} />
      ) : (
        <ListSkeleton label="Loading your settings" rows={3} />
      )}
    </>
  );
}
