#!/usr/bin/env node
// `npm run build:executable [-- <file>]`: the whole server in one file, for this platform and this Node.
import { begin } from './run-on-supported-node.mjs';

begin(async () => {
  const { prepare } = await import('./install-and-build.mjs');
  await prepare();
  const { buildExecutable } = await import('./sea.mjs');
  await buildExecutable(process.argv[2]);
});
