import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { DecryptionError, type Sealed } from '~/crypto/encryption.server';
import { dialectRules } from '~/gateway/dialects/dialect-rules';
import { createUpstreamPool } from '~/gateway/upstream-pool.server';
import { toolCredentials, tools } from '~db/schema';
import {
  type ConnectionResult,
  describeConnectionFailure,
  describeUpstreamResponse,
  type UpstreamResponse,
} from './connection-result-text';
import { findPreset } from './presets';
import { toolSubject } from './select-tools.server';
import { modelsPath } from './tool-paths';
import type { ConnectionTest } from './tools.schema';
import type { Tool } from './validate-tool.server';

type TestContext = Pick<AppContext, 'config' | 'db' | 'log' | 'now' | 'encryption'>;

const TIMEOUT_MS = 10_000;
/** More than twice the longest model list known. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Requests the model list from a tool's upstream, with the credential, through the gateway's own connections and address
 * rules. Redirects aren't followed. Works for archived tools too, so that a tool can be tested before it is restored.
 *
 * Errors: tool-not-found, builtin-tool, credential-missing, credential-undecryptable.
 */
export async function testConnection(
  app: TestContext,
  actor: Actor,
  slug: string,
): Promise<Result<ConnectionTest>> {
  const [row] = await app.db.read
    .select({ tool: tools, credential: toolCredentials })
    .from(tools)
    .leftJoin(toolCredentials, eq(toolCredentials.toolId, tools.id))
    .where(eq(tools.slug, slug));
  if (row === undefined) return err('tool-not-found');
  const { tool, credential } = row;
  if (tool.upstreamUrl === null) return err('builtin-tool');
  if (credential === null && tool.needsCredential) return err('credential-missing');
  const decrypted = credential === null ? ok(null) : decrypt(app, tool, credential);
  if (!decrypted.ok) return decrypted;

  const started = performance.now();
  const result = await requestModels(app, tool, tool.upstreamUrl, decrypted.value);
  const test: ConnectionTest = { ...result, ms: Math.round(performance.now() - started) };
  await app.db.write((tx) =>
    record(tx, {
      at: app.now(),
      by: actor,
      action: 'credential.tested',
      ...toolSubject(tool.id),
      details: { tool: slug, ok: test.ok, status: test.status },
    }),
  );
  return ok(test);
}

function decrypt({ encryption, log }: TestContext, { id, slug }: Tool, credential: Sealed): Result<string> {
  try {
    return ok(encryption.open(id, credential));
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    log.error({ err: error, tool: slug }, 'provider credential cannot be decrypted');
    return err('credential-undecryptable');
  }
}

async function requestModels(
  { config, log }: TestContext,
  tool: Tool,
  upstreamUrl: string,
  secret: string | null,
): Promise<ConnectionResult> {
  const upstreams = createUpstreamPool(() => config.origin);
  try {
    const upstream = upstreams.get(upstreamUrl, tool.allowsPlainHttp, config.port);
    if (upstream === null) return describeConnectionFailure('UPSTREAM_NOT_ALLOWED');
    const response = await upstream.pool.request({
      path: upstream.basePath + modelsPath(tool) || '/',
      method: 'GET',
      headers: headersOf(tool, secret),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const expectsList = findPreset(tool.preset)?.listsModels ?? tool.dialect !== 'generic';
    return describeUpstreamResponse({
      hasCredential: secret !== null,
      status: response.statusCode,
      models: expectsList ? countModels(await readAtMost(response.body)) : undefined,
    });
  } catch (error) {
    const code = codeOf(error);
    log.debug({ tool: tool.slug, code }, 'connection test failed');
    return describeConnectionFailure(code);
  } finally {
    await upstreams.close();
  }
}

function headersOf(tool: Tool, secret: string | null): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'my-ai-keys' };
  if (tool.dialect === 'anthropic') headers['anthropic-version'] = '2023-06-01';
  if (secret !== null) {
    const [name, value] = dialectRules[tool.dialect].credential(secret, tool.credentialHeader);
    headers[name] = value;
  }
  return headers;
}

/** The body as text; null when it is longer than `MAX_BODY_BYTES`. */
async function readAtMost(body: AsyncIterable<Buffer>): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The length of the model list, which each provider wraps in its own way; null when there is no list. */
function countModels(text: string | null): UpstreamResponse['models'] {
  if (text === null) return null;
  try {
    const body: unknown = JSON.parse(text);
    const lists = Array.isArray(body) ? [body] : Object.values(body ?? {});
    return lists.find((list): list is unknown[] => Array.isArray(list))?.length ?? null;
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  if (error.name === 'TimeoutError') return 'TIMEOUT';
  if (error.name === 'HTTPParserError') return 'NOT_HTTP'; // has no code when the first line is invalid
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause ?? null);
}
