import '@mantine/core/styles.css';
import './global.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiContext } from './api/api-context.ts';
import { createApiClient } from './api/client.ts';
import { createQueryClient } from './api/query-client.ts';
import { App } from './app.tsx';
import { goToSignIn } from './shell/sign-in.ts';

const api = createApiClient({
  fetch: window.fetch.bind(window),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  onSignedOut: () => goToSignIn(window.location),
});

// A page that the browser kept while it was elsewhere shows the past: a step before leaving that has been taken, or a list
// from before the renewal.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <ApiContext value={api}>
      <QueryClientProvider client={createQueryClient()}>
        <App />
      </QueryClientProvider>
    </ApiContext>
  </StrictMode>,
);
