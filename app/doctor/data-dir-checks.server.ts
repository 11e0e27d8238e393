import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, databaseFile } from '~/core/config.server';
import { type CheckResult, failed, passed } from './check-result';

/** Less free space than this soon stops every change. */
const LEAST_FREE_BYTES = 512 * 1024 * 1024;
const MIB = 1024 * 1024;

/** The data folder: there, writable, nobody else's to read, and with room. */
export function checkFolder(config: Pick<Config, 'dataDir' | 'masterKey'>): CheckResult[] {
  const { dataDir } = config;
  if (!existsSync(dataDir))
    return [passed('data folder', `${dataDir} is not there yet; the first start makes it.`)];
  if (!mayEnter(dataDir))
    return [
      failed('data folder', `This user may not enter ${dataDir}: run the command as its owner, or as root.`),
    ];
  return [checkWritable(dataDir), checkPermissions(config), checkSpace(config)];
}

function checkWritable(dataDir: string): CheckResult {
  const paths = [dataDir, ...readdirSync(dataDir).map((name) => join(dataDir, name))];
  const closed = paths.find((path) => !may(path, constants.R_OK | constants.W_OK));
  if (closed === undefined) return passed('data folder', `${dataDir} can be read and written.`);
  return failed(
    'data folder',
    `This user cannot write ${closed}: make it theirs (chown), or run as its owner.`,
  );
}

/** Whether this user sees what is in the folder; of one that is not there yet, nothing is hidden. */
export const mayEnter = (dataDir: string): boolean =>
  !existsSync(dataDir) || may(dataDir, constants.R_OK | constants.X_OK);

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function checkPermissions({ dataDir, masterKey }: Pick<Config, 'dataDir' | 'masterKey'>): CheckResult {
  const about = 'permissions';
  if (process.platform === 'win32') return passed(about, 'not looked at on Windows.');
  const files = [join(dataDir, 'master.key'), join(dataDir, 'master.key.next')];
  if (masterKey !== null && 'file' in masterKey) files.push(masterKey.file);
  const openKey = files.find((file) => existsSync(file) && (statSync(file).mode & 0o077) !== 0);
  if (openKey !== undefined)
    return failed(about, `Other users may read the master key: run \`chmod 600 ${openKey}\`.`);
  if ((statSync(dataDir).mode & 0o077) !== 0)
    return failed(about, `Other users may enter the data folder: run \`chmod 700 ${dataDir}\`.`);
  return passed(about, 'only this user may enter the data folder and read the master key.');
}

/** A migration may copy the largest table, so that as much as the database must be free. */
function checkSpace(config: Pick<Config, 'dataDir'>): CheckResult {
  const { bavail, bsize } = statfsSync(config.dataDir);
  const free = bavail * bsize;
  const path = databaseFile(config);
  const needed = Math.max(LEAST_FREE_BYTES, existsSync(path) ? statSync(path).size : 0);
  const words = `${Math.round(free / MIB).toLocaleString('en')} MiB free`;
  if (free >= needed) return passed('disk', `${words}.`);
  return failed('disk', `${words}: make room for ${Math.round(needed / MIB).toLocaleString('en')} MiB.`);
}
