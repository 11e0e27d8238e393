import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, databaseFile } from '~/core/config.server';
import { isOpenToOthers } from '~/data-dir/ownership.server';
import { type CheckResult, failed, passed } from './check-result';

const MIB = 1024 * 1024;
const MIN_FREE_BYTES = 512 * MIB;

/** Checks that the data directory exists and is writable and private, and that there is enough disk space. */
export function checkDataDir(config: Pick<Config, 'dataDir' | 'masterKey'>): CheckResult[] {
  const { dataDir } = config;
  if (!existsSync(dataDir))
    return [passed('data directory', `${dataDir} doesn't exist yet; the first start creates it.`)];
  if (!hasAccess(dataDir))
    return [
      failed(
        'data directory',
        `This user has no access to ${dataDir}. Run the command as its owner or as root.`,
      ),
    ];
  return [checkWritable(dataDir), checkPermissions(config), checkDiskSpace(config)];
}

function checkWritable(dataDir: string): CheckResult {
  const paths = [dataDir, ...readdirSync(dataDir).map((name) => join(dataDir, name))];
  const readOnly = paths.find((path) => !isAllowed(path, constants.R_OK | constants.W_OK));
  if (readOnly === undefined) return passed('data directory', `${dataDir} is readable and writable.`);
  return failed(
    'data directory',
    `This user can't write to ${readOnly}. Change its owner with chown, or run the command as its owner.`,
  );
}

/** Whether this user may list the data directory. True if it doesn't exist yet. */
export const hasAccess = (dataDir: string): boolean =>
  !existsSync(dataDir) || isAllowed(dataDir, constants.R_OK | constants.X_OK);

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function checkPermissions({ dataDir, masterKey }: Pick<Config, 'dataDir' | 'masterKey'>): CheckResult {
  const subject = 'permissions';
  if (process.platform === 'win32') return passed(subject, 'not checked on Windows.');
  const files = [join(dataDir, 'master.key'), join(dataDir, 'master.key.next')];
  if (masterKey !== null && 'file' in masterKey) files.push(masterKey.file);
  const exposedKey = files.find((file) => existsSync(file) && isOpenToOthers(file));
  if (exposedKey !== undefined)
    return failed(subject, `Other users can read the master key. Run \`chmod 600 ${exposedKey}\`.`);
  if (isOpenToOthers(dataDir))
    return failed(subject, `Other users can access the data directory. Run \`chmod 700 ${dataDir}\`.`);
  return passed(subject, 'only the owner can access the data directory and the master key.');
}

/** A migration may copy the largest table, so there must be as much free space as the database takes. */
function checkDiskSpace(config: Pick<Config, 'dataDir'>): CheckResult {
  const { bavail, bsize } = statfsSync(config.dataDir);
  const freeBytes = bavail * bsize;
  const path = databaseFile(config);
  const neededBytes = Math.max(MIN_FREE_BYTES, existsSync(path) ? statSync(path).size : 0);
  const free = `${inMebibytes(freeBytes)} free`;
  if (freeBytes >= neededBytes) return passed('disk', `${free}.`);
  return failed('disk', `${free}. Free up space until there are ${inMebibytes(neededBytes)}.`);
}

const inMebibytes = (bytes: number): string => `${Math.round(bytes / MIB).toLocaleString('en')} MiB`;
