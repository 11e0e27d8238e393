/// <reference types="vitest/config" />
import { isBuiltin } from 'node:module';
import { availableParallelism } from 'node:os';
import { vitePlugin as remix } from '@remix-run/dev';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin } from 'vite';
import { DRIVER, SHARED_CONFIG } from './app/bin/vite-shared-config.mjs';
import { compressedAssets, developmentServer } from './app/server/vite-plugins';

declare module '@remix-run/node' {
  interface Future {
    v3_singleFetch: true;
  }
}

/**
 * Not bundled into the server's one file: native packages, and undici, because a bundle would load its optional
 * `node:sqlite`, which Node 20 doesn't have.
 */
const EXTERNAL = [DRIVER, '@node-rs/argon2', 'undici'];

/** Our own server is the entry, and imports Remix's build. */
const serverEntry: Plugin = {
  name: 'server-entry',
  config: (_config, { command, isSsrBuild }) =>
    command === 'build' && isSsrBuild
      ? { build: { rollupOptions: { input: './app/server/main.ts' } } }
      : undefined,
};

export default defineConfig(({ command }) => ({
  resolve: SHARED_CONFIG.resolve,
  server: { host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) },
  ssr: { external: EXTERNAL, ...(command === 'build' ? { noExternal: true } : {}) },
  // Selects React's production code at build time.
  ...(command === 'build' ? { define: { 'process.env.NODE_ENV': '"production"' } } : {}),
  // The packages that browser code imports. Vite's discovery follows routes into server files, and then the first page
  // loads two copies of React.
  optimizeDeps: {
    noDiscovery: true,
    include: [
      '@radix-ui/react-alert-dialog',
      '@radix-ui/react-dialog',
      '@radix-ui/react-tabs',
      '@trpc/client',
      'lucide-react',
    ],
  },
  build: {
    target: 'es2022',
    sourcemap: false,
    // By default, `require` in a `try` isn't bundled and fails, so prom-client would miss perf_hooks.
    commonjsOptions: { ignoreTryCatch: (id) => !isBuiltin(id) },
  },
  plugins: process.env.VITEST
    ? SHARED_CONFIG.plugins
    : [
        ...SHARED_CONFIG.plugins,
        tailwindcss(),
        developmentServer(),
        remix({
          future: {
            v3_fetcherPersist: true,
            v3_relativeSplatPath: true,
            v3_throwAbortReason: true,
            v3_singleFetch: true,
            v3_routeConfig: true,
            // Sending the list of all routes once costs less than finding the relevant ones for each page.
            v3_lazyRouteDiscovery: false,
          },
        }),
        serverEntry,
        compressedAssets(),
      ],
  test: {
    environment: 'node',
    setupFiles: ['./tests/helpers/setup.ts'],
    // By default, vitest uses one worker less than there are cores: a single one on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/browser/**', 'tests/bench/**'],
          // Generous, so that no test fails on a busy machine.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'screenshots',
          include: ['tests/browser/screenshots.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
}));
