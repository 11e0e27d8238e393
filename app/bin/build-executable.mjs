#!/usr/bin/env node
// `npm run build:executable [-- <file>]`: the whole server in one file, for this platform and this Node.
import { begin } from './begin.mjs';

begin(async () => {
  const { prepare } = await import('./prepare.mjs');
  await prepare();
  const { buildExecutable } = await import('./executable.mjs');
  await buildExecutable(process.argv[2]);
});
