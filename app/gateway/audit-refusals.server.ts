import type { AppContext } from '~/app-context.server';
import { type ClientInfo, record } from '~/audit/record.server';
import { networkOf } from '~/net/ip-address';
import type { GatewayErrorReason } from './error-catalogue';

const SAMPLE_MS = 60_000;
/** Limits entries per minute without a key, for attackers with many addresses. */
const MAX_KEYLESS_ENTRIES = 300;

export interface AuditedRefusal {
  reason: GatewayErrorReason;
  endpoint: 'proxy' | 'verify';
  /** Null if the caller didn't present a key of this server. */
  key: { id: string; toolId: string; environment?: string; holder?: string } | null;
  /** The requested tool; null if it doesn't exist. */
  tool: { id: string; slug: string } | null;
  origin: ClientInfo;
}

/**
 * Records refused keys on the audit trail: the first refusal per key and minute, or per network and minute for callers
 * without a key.
 */
export function createRefusalAuditor({ db, log, now }: Pick<AppContext, 'db' | 'log' | 'now'>) {
  let minute = 0;
  const keysSeen = new Set<string>();
  const networksSeen = new Set<string>();
  let writing: Promise<void> = Promise.resolve();

  function isFirst({ key, origin: { address } }: AuditedRefusal, at: number): boolean {
    if (Math.floor(at / SAMPLE_MS) !== minute) {
      minute = Math.floor(at / SAMPLE_MS);
      keysSeen.clear();
      networksSeen.clear();
    }
    const [seen, id] = key === null ? [networksSeen, networkOf(address ?? '')] : [keysSeen, key.id];
    if (seen.has(id) || (key === null && seen.size >= MAX_KEYLESS_ENTRIES)) return false;
    seen.add(id);
    return true;
  }

  async function write({ reason, endpoint, key, tool, origin }: AuditedRefusal, at: number): Promise<void> {
    let subject: `${string}:${string}` = 'gateway:unknown';
    if (key !== null) subject = `key:${key.id}`;
    else if (tool !== null) subject = `tool:${tool.id}`;
    try {
      await db.write((tx) =>
        record(tx, {
          at,
          by: { id: null, email: null, ...origin },
          action: 'gateway.refused',
          subject,
          keyId: key?.id,
          toolId: key?.toolId ?? tool?.id,
          details: {
            reason,
            endpoint,
            tool: tool?.slug,
            environment: key?.environment,
            holder: key?.holder,
          },
        }),
      );
    } catch (error) {
      log.error({ err: error, reason }, 'refusal could not be written to the audit trail');
    }
  }

  return {
    record(refusal: AuditedRefusal): void {
      const at = now();
      if (isFirst(refusal, at)) writing = writing.then(() => write(refusal, at));
    },
    /** Resolves when all entries are written. */
    close: () => writing,
  };
}
