#!/usr/bin/env node
// `npm start` and `npm run cli`: makes sure that everything is installed and built, then becomes the server.
import { begin } from './run-on-supported-node.mjs';

begin(() =>
  Promise.all([import('./install-and-build.mjs'), import('./exit-with-parent.mjs')])
    .then(([{ prepare }, { stopWithNpm }]) => {
      stopWithNpm();
      return prepare();
    })
    .then(() => {
      process.env.NODE_ENV = 'production';
      // In this very process: signals and exit codes are the server's own, with nobody in between.
      return import(new URL('../../build/server/index.js', import.meta.url).href);
    }),
);
