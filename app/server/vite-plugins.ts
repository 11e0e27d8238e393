import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

/**
 * `npm run dev`: uses our request handler instead of Remix's. When a server module changes, closes the application and
 * creates a new one.
 */
export function developmentServer(): Plugin {
  return {
    name: 'development-server',
    apply: 'serve',
    configureServer(vite) {
      type Development = typeof import('./dev-server.server');
      let current: { module: Development; handler: ReturnType<Development['startDevelopment']> } | undefined;
      vite.httpServer?.on('upgrade', async (request, socket, head) => {
        (await current?.handler)?.upgrade(request, socket, head);
      });
      return () => {
        vite.middlewares.use(async (request, response, next) => {
          try {
            const module = (await vite.ssrLoadModule('/app/server/dev-server.server.ts')) as Development;
            if (current?.module !== module) {
              const previous = await current?.handler;
              await previous?.close();
              const loadBuild = () => vite.ssrLoadModule('virtual:remix/server-build');
              current = { module, handler: module.startDevelopment(loadBuild) };
            }
            request.url = request.originalUrl ?? request.url;
            (await current.handler).handle(request, response);
          } catch (error) {
            next(error);
          }
        });
      };
    },
  };
}

const brotli = promisify(brotliCompress);
const gz = promisify(gzip);

/** Writes a `.br` and a `.gz` file next to every text asset of the browser build. */
export function compressedAssets(): Plugin {
  return {
    name: 'compressed-assets',
    apply: 'build',
    writeBundle: {
      sequential: true,
      async handler(options) {
        // Runs for the server build too: it writes the route manifest that every page loads.
        const folder = join(options.dir ?? '', '..', 'client', 'assets');
        const names = await readdir(folder);
        const isCompressed = (name: string) => names.includes(`${name}.br`) && names.includes(`${name}.gz`);
        for (const name of names.filter((name) => /\.(js|css|svg)$/.test(name) && !isCompressed(name))) {
          const file = join(folder, name);
          const content = await readFile(file);
          await writeFile(
            `${file}.br`,
            await brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
          );
          await writeFile(`${file}.gz`, await gz(content, { level: 9 }));
        }
      },
    },
  };
}
