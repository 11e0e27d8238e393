import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const emptyIsUnset = (value: unknown) => (value === '' ? undefined : value);
const optional = <T extends z.ZodType>(type: T) => z.preprocess(emptyIsUnset, type.optional());
const withDefault = <T extends z.ZodType>(type: T, value: string) =>
  z.preprocess((input) => emptyIsUnset(input) ?? value, type);

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
    ADMIN_EMAIL: optional(z.email('must be an email address')),
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
      z
        .string()
        .regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 printable ASCII characters without spaces'),
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

/** The names of all environment variables that are read. */
export const settingNames: readonly string[] = Object.keys(environmentVariables.shape);

export interface Config {
  port: number;
  host: string;
  /** The public URL: scheme, host and port, no trailing slash. */
  origin: string;
  /** Whether the public URL is https. Decides cookie flags and HSTS. */
  secure: boolean;
  /** Addresses and networks of the reverse proxies whose `X-Forwarded-For` is trusted. */
  trustedProxies: string[];
  /** Bearer token of `/metrics`; if null, only requests from this machine are allowed. */
  metricsToken: string | null;
  /** Absolute path of the directory with the database and, by default, the master key. */
  dataDir: string;
  firstAdmin: { email: string; password: string } | null;
  logLevel: (typeof logLevels)[number];
  /** Where the master key comes from; if null, it is generated in the data directory. */
  masterKey: { value: string } | { file: string } | null;
  /** Maximum concurrent calls at the gateway: total, and per key of a tool without its own limit. */
  gateway: { overall: number; perKey: number };
}

/** The path of the database file. */
export const databaseFile = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'my-ai-keys.sqlite');

/** A setting is invalid. The message is one sentence for the person who starts the server. */
export class ConfigError extends Error {}

/**
 * Reads the settings from environment variables. An empty variable counts as unset.
 *
 * @throws ConfigError naming the first invalid variable, but not its value, which may be a secret.
 */
export function readConfig(variables: Record<string, string | undefined>): Config {
  const parsed = environmentVariables.safeParse(variables);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(`${issue?.path.join('.')} ${issue?.message}.`);
  }
  const env = parsed.data;
  const origin = env.ORIGIN ? new URL(env.ORIGIN).origin : `http://${browsableHost(env.HOST)}:${env.PORT}`;
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = env;
  return {
    port: env.PORT,
    host: env.HOST,
    origin,
    secure: origin.startsWith('https:'),
    trustedProxies: env.TRUSTED_PROXIES,
    metricsToken: env.METRICS_TOKEN ?? null,
    dataDir: resolve(env.DATA_DIR),
    firstAdmin: email && password ? { email, password } : null,
    logLevel: env.LOG_LEVEL,
    masterKey: masterKeySource(env.MASTER_KEY, env.MASTER_KEY_FILE),
    gateway: { overall: env.GATEWAY_MAX_CONCURRENT, perKey: env.GATEWAY_MAX_CONCURRENT_PER_KEY },
  };
}

function masterKeySource(value: string | undefined, file: string | undefined): Config['masterKey'] {
  if (value) return { value };
  return file ? { file: resolve(file) } : null;
}

/** Whether the text is an IP address or a network such as 10.0.0.0/8. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
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

/** The host for URLs to a server on this machine that listens on `host`. */
function browsableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
