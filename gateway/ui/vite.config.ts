import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const gateway = 'http://localhost:3000';

export default defineConfig({
  base: '/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The gateway's content security policy knows no `data:` scripts or fonts: every asset is a file of its own.
    assetsInlineLimit: 0,
    // One bundle: the pages share nearly all of their code, so splitting would only add round trips.
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      '/api': gateway,
      '/sign-in': gateway,
      '/sign-out': gateway,
      '/oauth': gateway,
      '/authorize': gateway,
    },
  },
});
