#!/usr/bin/env node
// `npm run build`: builds, whether or not anything has changed.
import { begin } from './begin.mjs';

begin(() => import('./prepare.mjs').then(({ prepare }) => prepare({ rebuild: true })));
