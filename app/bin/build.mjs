#!/usr/bin/env node
// `npm run build`: builds even if nothing has changed.
import './require-supported-node.mjs';

const { installAndBuild } = await import('./install-and-build.mjs');
await installAndBuild({ rebuild: true });
