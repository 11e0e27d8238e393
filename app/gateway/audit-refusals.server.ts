import type { AppContext } from '~/app-context.server';
import { type ClientInfo, record } from '~/audit/record.server';
import { networkOf } from '~/net/ip-address';
import type { GatewayErrorCode } from './error-catalogue';

const SAMPLE_MS = 60_000;
/** Strangers with many addresses can make no more entries than this in a minute. */
const MOST_STRANGERS = 300;

export interface AuditedRefusal {
  reason: GatewayErrorCode;
  endpoint: 'proxy' | 'verify';
  /** The key that was refused, where its bearer proved to hold one. */
  key: { id: string; toolId: string; environment?: string; holder?: string } | null;
  /** The tool that was asked for, where there is one. */
  tool: { id: string; slug: string } | null;
  origin: ClientInfo;
}

/** Puts refused keys on the audit trail: the first refusal of each key and minute, or of each address. */
export interface RefusalAuditor {
  note(refusal: AuditedRefusal): void;
  /** Resolves when every entry begun is written. */
  close(): Promise<void>;
}

export function createRefusalAuditor({
  db,
  log,
  now,
}: Pick<AppContext, 'db' | 'log' | 'now'>): RefusalAuditor {
  let minute = 0;
  const keysSeen = new Set<string>();
  const strangersSeen = new Set<string>();
  let writing: Promise<void> = Promise.resolve();

  function isFirst({ key, origin: { address } }: AuditedRefusal, at: number): boolean {
    if (Math.floor(at / SAMPLE_MS) !== minute) {
      minute = Math.floor(at / SAMPLE_MS);
      keysSeen.clear();
      strangersSeen.clear();
    }
    const [seen, who] = key === null ? [strangersSeen, networkOf(address ?? '')] : [keysSeen, key.id];
    if (seen.has(who) || (key === null && seen.size >= MOST_STRANGERS)) return false;
    seen.add(who);
    return true;
  }

  async function write({ reason, endpoint, key, tool, origin }: AuditedRefusal, at: number): Promise<void> {
    try {
      await db.write((tx) =>
        record(tx, {
          at,
          by: { id: null, email: null, ...origin },
          action: 'gateway.refused',
          subject: key !== null ? `key:${key.id}` : tool !== null ? `tool:${tool.id}` : 'gateway:unknown',
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
      log.error({ err: error, reason }, 'a refusal could not be recorded');
    }
  }

  return {
    note(refusal) {
      const at = now();
      if (isFirst(refusal, at)) writing = writing.then(() => write(refusal, at));
    },
    close: () => writing,
  };
}
