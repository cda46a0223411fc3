import { MantineProvider } from '@mantine/core';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import { AuthorizedConnectionsPage } from './authorized-connections/authorized-connections-page.tsx';
import { DrillProvider } from './drill/drill-provider.tsx';
import { LiveUpdates } from './live/live-updates.tsx';
import { MySourcesPage } from './my-sources/my-sources-page.tsx';
import { NotificationSettingsPage } from './notification-settings/notification-settings-page.tsx';
import { RenewalProvider } from './renewal/renewal-provider.tsx';
import { Announcer } from './shell/announcer.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { Shell } from './shell/shell.tsx';
import { SourcePage } from './sources/source-page.tsx';
import { cssVariables, theme } from './theme.ts';
import { WorkspacePage } from './workspaces/workspace-page.tsx';
import { WorkspacesPage } from './workspaces/workspaces-page.tsx';

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      deduplicateInlineStyles
    >
      <BrowserRouter>
        <Announcer>
          <LiveUpdates>
            <RenewalProvider>
              <DrillProvider>
                <Routes>
                  <Route element={<Shell />}>
                    <Route index element={<ToMySources />} />
                    <Route path="my-sources" element={<MySourcesPage />} />
                    <Route path="workspaces" element={<WorkspacesPage />} />
                    <Route path="workspaces/:workspaceId" element={<WorkspacePage />} />
                    <Route path="authorized-connections" element={<AuthorizedConnectionsPage />} />
                    <Route path="notification-settings" element={<NotificationSettingsPage />} />
                    <Route path="sources/:sourceId" element={<SourcePage />} />
                    <Route path="*" element={<NotFoundPage />} />
                  </Route>
                </Routes>
              </DrillProvider>
            </RenewalProvider>
          </LiveUpdates>
        </Announcer>
      </BrowserRouter>
    </MantineProvider>
  );
}

function ToMySources() {
  const { search } = useLocation();
  return <Navigate to={{ pathname: '/my-sources', search }} replace />;
}
