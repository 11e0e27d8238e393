import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ADMIN, BUILT_SERVER, type Launched, launch } from '../helpers/server';

const CONTROL_SERVER = fileURLToPath(new URL('./control-server.mjs', import.meta.url));

/** Settings for a server on this folder with `ADMIN` as first admin and a log level that `ready` can read. */
export const onFolder = (DATA_DIR: string): Record<string, string> => ({
  DATA_DIR,
  LOG_LEVEL: 'info',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
});

/** Starts the built server, as this user if one is given, which needs root. */
export function launchServer(settings: Record<string, string>, uid?: number): Launched {
  if (!existsSync(BUILT_SERVER)) throw new Error('No build to test: run `npm run build` first.');
  return launchNode([BUILT_SERVER, 'serve'], settings, uid);
}

/** Starts a server with one protection removed; see `control-server.ts`. */
export const launchControl = (kind: string, settings: Record<string, string>): Launched =>
  launchNode([CONTROL_SERVER, kind], settings);

const launchNode = (args: string[], settings: Record<string, string>, uid?: number): Launched =>
  launch([process.execPath, ...args], { cwd: tmpdir(), uid, gid: uid, env: { PORT: '0', ...settings } });
