import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Two consoles that share no bundle: `--mode portal` for partners and districts, `--mode admin` for staff. */
export default defineConfig(({ mode }) => ({
  root: at(`src/${mode}`),
  plugins: [react()],
  build: {
    outDir: at(`dist/${mode}`),
    emptyOutDir: true,
    manifest: true,
    // Inlined files would need data: in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
}));
