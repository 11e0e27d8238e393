#!/usr/bin/env node
// `npm start` and `npm run cli`: installs and builds what is missing or stale, then runs the server.
import './require-supported-node.mjs';

const PARENT_CHECK_MS = 250;

// npm sends a signal only to the shell that runs the script, which doesn't pass it on. Without this, stopping npm would
// leave a server that nobody sees. `exec` in the script would do it too, but Windows' cmd has no `exec`.
if (['start', 'cli'].includes(process.env.npm_lifecycle_event ?? '')) {
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== shell && process.emit('SIGTERM', 'SIGTERM')) clearInterval(timer);
  }, PARENT_CHECK_MS);
  timer.unref();
}

const { installAndBuild } = await import('./install-and-build.mjs');
await installAndBuild();
process.env.NODE_ENV = 'production';
// In this process, so that signals reach the server and its exit code is the one the caller sees.
await import(new URL('../../build/server/index.js', import.meta.url).href);
