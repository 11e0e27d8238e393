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
 * Native modules, and undici, whose optional parts a bundle would load at once (`node:sqlite` among them, which
 * Node 20 has not). Everything else is bundled, so that the server is one file.
 */
const UNBUNDLED = [DRIVER, '@node-rs/argon2', 'undici'];

/** The server's entry is our own process; Remix's build is what it imports. */
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
  ssr: { external: UNBUNDLED, ...(command === 'build' ? { noExternal: true } : {}) },
  // React picks its development half by this when it starts; a server that runs from the build never wants it.
  ...(command === 'build' ? { define: { 'process.env.NODE_ENV': '"production"' } } : {}),
  // What the browser needs, by name. Left to discover it, Vite would follow routes into server files, prepare
  // those packages for a browser too, and end up with two Reacts on the first page.
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
    // Without this, `require` stays as it is wherever it is tried, and fails: prom-client would do without perf_hooks.
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
            // Working out for each page which routes to tell it of costs more than telling it of all, once.
            v3_lazyRouteDiscovery: false,
          },
        }),
        serverEntry,
        compressedAssets(),
      ],
  test: {
    environment: 'node',
    setupFiles: ['./tests/helpers/setup.ts'],
    // Vitest leaves one core to itself, which is half of a machine that has two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/browser/**', 'tests/bench/**'],
          // Generous: a busy machine is no failure. No test measures time by these.
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
