#!/usr/bin/env node
// `npm run build`: builds, whether or not anything has changed.
import { begin } from './run-on-supported-node.mjs';

begin(() => import('./install-and-build.mjs').then(({ prepare }) => prepare({ rebuild: true })));
