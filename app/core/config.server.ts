import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const emptyIsUnset = (value: unknown) => (value === '' ? undefined : value);
const optional = <T extends z.ZodType>(type: T) => z.preprocess(emptyIsUnset, type.optional());
const withDefault = <T extends z.ZodType>(type: T, value: string) =>
  z.preprocess((given) => emptyIsUnset(given) ?? value, type);

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const concurrency = z
  .string()
  .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
  .transform(Number);

const environmentVariables = z
  .object({
    PORT: withDefault(
      z
        .string()
        .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
        .transform(Number)
        .refine((port) => port <= 65_535, 'must be a port number from 0 to 65535'),
      '3000',
    ),
    HOST: withDefault(
      z.string().regex(/^[\w.:-]+$/, 'must be an address to listen on, such as 127.0.0.1'),
      '127.0.0.1',
    ),
    ORIGIN: optional(
      z
        .string()
        .refine(isOrigin, 'must be the public address without a path, such as https://keys.example.com'),
    ),
    DATA_DIR: withDefault(z.string(), './data'),
    ADMIN_EMAIL: optional(z.email('must be an e-mail address')),
    ADMIN_PASSWORD: optional(
      z.string().min(12, 'must have at least 12 characters').max(128, 'must have at most 128 characters'),
    ),
    TRUSTED_PROXIES: withDefault(
      z
        .string()
        .transform((list) => list.split(',').flatMap((entry) => entry.trim() || []))
        .refine(
          (list) => list.every(isNetwork),
          'must be addresses or networks, such as 127.0.0.1,10.0.0.0/8',
        ),
      '',
    ),
    METRICS_TOKEN: optional(
      z.string().regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 letters, without spaces'),
    ),
    LOG_LEVEL: withDefault(z.enum(logLevels, `must be one of ${logLevels.join(', ')}`), 'info'),
    MASTER_KEY: optional(z.string()),
    MASTER_KEY_FILE: optional(z.string()),
    GATEWAY_MAX_CONCURRENT: withDefault(concurrency, '10000'),
    GATEWAY_MAX_CONCURRENT_PER_KEY: withDefault(concurrency, '2000'),
  })
  .refine((env) => (env.ADMIN_EMAIL === undefined) === (env.ADMIN_PASSWORD === undefined), {
    path: ['ADMIN_EMAIL'],
    message: 'and ADMIN_PASSWORD must be set together',
  })
  .refine((env) => env.MASTER_KEY === undefined || env.MASTER_KEY_FILE === undefined, {
    path: ['MASTER_KEY'],
    message: 'and MASTER_KEY_FILE must not both be set',
  });

/** What can be set, by the names that the environment has for it. */
export const settingNames: readonly string[] = Object.keys(environmentVariables.shape);

export interface Config {
  port: number;
  host: string;
  /** Scheme, host and port of the public address, no trailing slash. Decides secure cookies. */
  origin: string;
  /** True when the public address is https. */
  secure: boolean;
  /** Addresses and networks of the reverse proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: string[];
  /** What `/metrics` asks for; null: it answers this machine alone. */
  metricsToken: string | null;
  /** Absolute path of the folder that holds the database and, unless given otherwise, the master key. */
  dataDir: string;
  firstAdmin: { email: string; password: string } | null;
  logLevel: (typeof logLevels)[number];
  /** Where the master key comes from; null: generated into the data folder. */
  masterKey: { value: string } | { file: string } | null;
  /** Calls that may be under way at the gateway at once, in all and for each key whose tool has no limit of its own. */
  gateway: { overall: number; perKey: number };
}

/** Where the database stands in the data folder. */
export const databaseFile = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'my-ai-keys.sqlite');

/** Raised for a bad setting; the message is one sentence for the person who starts the server. */
export class ConfigError extends Error {}

/**
 * Reads the settings once, at the start. Empty values count as unset.
 *
 * @throws ConfigError naming the first bad variable, never its value.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = environmentVariables.safeParse(env);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(`${issue?.path.join('.')} ${issue?.message}.`);
  }
  const {
    PORT,
    HOST,
    ORIGIN,
    DATA_DIR,
    ADMIN_EMAIL,
    ADMIN_PASSWORD,
    TRUSTED_PROXIES,
    METRICS_TOKEN,
    LOG_LEVEL,
    MASTER_KEY,
    MASTER_KEY_FILE,
    GATEWAY_MAX_CONCURRENT,
    GATEWAY_MAX_CONCURRENT_PER_KEY,
  } = parsed.data;
  const origin = ORIGIN === undefined ? `http://${reachable(HOST)}:${PORT}` : new URL(ORIGIN).origin;
  return {
    port: PORT,
    host: HOST,
    origin,
    secure: origin.startsWith('https:'),
    trustedProxies: TRUSTED_PROXIES,
    metricsToken: METRICS_TOKEN ?? null,
    dataDir: resolve(DATA_DIR),
    firstAdmin: ADMIN_EMAIL && ADMIN_PASSWORD ? { email: ADMIN_EMAIL, password: ADMIN_PASSWORD } : null,
    logLevel: LOG_LEVEL,
    masterKey: MASTER_KEY
      ? { value: MASTER_KEY }
      : MASTER_KEY_FILE
        ? { file: resolve(MASTER_KEY_FILE) }
        : null,
    gateway: { overall: GATEWAY_MAX_CONCURRENT, perKey: GATEWAY_MAX_CONCURRENT_PER_KEY },
  };
}

/** Whether this is an address, or a network such as 10.0.0.0/8, that a reverse proxy can be trusted by. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    !url.search &&
    !url.hash &&
    !url.username &&
    !url.password
  );
}

/** A name under which a person on this machine reaches a server that listens on `host`. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
