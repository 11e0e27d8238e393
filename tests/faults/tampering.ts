import type BetterSqlite3 from 'better-sqlite3';
import type { Head } from '~/audit/audit.schema';
import { type AuditEntry, hashEntry } from '~/audit/record.server';
import { pick, randomFrom, SEED } from './report';

export interface Tampering {
  what: string;
  /** Runs after the trail's triggers were dropped. */
  tamper(sqlite: BetterSqlite3.Database): void;
  /** The first bad entry. */
  firstBad: number;
  /** Only a comparison with the saved head notices it. */
  onlyByHead?: true;
}

const COLUMNS =
  'at actor_id actor_email action subject key_id tool_id address user_agent request_id details previous_hash hash';

/** Everything that an attacker can do to a trail with this head. */
export function everyTampering(head: Head): Tampering[] {
  const random = randomFrom(SEED);
  const seqs = Array.from({ length: head.seq }, (_, index) => index + 1);
  const isLast = (seq: number) => (seq === head.seq ? { onlyByHead: true as const } : {});
  const run =
    (statement: string, ...values: number[]) =>
    (sqlite: BetterSqlite3.Database) =>
      void sqlite.prepare(statement).run(...values);
  const swap = (one: number, other: number) => (sqlite: BetterSqlite3.Database) => {
    sqlite.prepare('update audit_entries set seq = -1 where seq = ?').run(one);
    sqlite.prepare('update audit_entries set seq = ? where seq = ?').run(one, other);
    sqlite.prepare('update audit_entries set seq = ? where seq = -1').run(other);
  };
  return [
    ...seqs.flatMap((seq) =>
      COLUMNS.split(' ').map((column) => ({
        what: `${column} of ${seq} changed`,
        tamper: run(
          `update audit_entries set ${column} = case when typeof(${column}) = 'integer' then ${column} + 1
           else coalesce(${column}, '') || 'x' end where seq = ?`,
          seq,
        ),
        firstBad: seq,
      })),
    ),
    ...seqs.map((seq) => ({
      what: `${seq} removed`,
      tamper: run('delete from audit_entries where seq = ?', seq),
      firstBad: seq,
      ...isLast(seq),
    })),
    ...seqs.slice(1).map((seq) => ({
      what: `${seq} swapped with its neighbour`,
      tamper: swap(seq - 1, seq),
      firstBad: seq - 1,
    })),
    ...seqs.slice(1).map((seq) => {
      const other = pick(random, seqs.slice(0, seq - 1)) ?? 1;
      return { what: `${seq} swapped with ${other}`, tamper: swap(other, seq), firstBad: other };
    }),
    ...seqs.map((seq) => ({
      what: `cut off before ${seq}`,
      tamper: run('delete from audit_entries where seq >= ?', seq),
      firstBad: seq,
      onlyByHead: true as const,
    })),
    ...seqs.map((seq) => ({
      what: `${seq} changed, with its hash recomputed`,
      tamper: (sqlite: BetterSqlite3.Database) => rehash(sqlite, seq, seq),
      // The entry itself is consistent then, but the next one no longer links to it.
      firstBad: seq === head.seq ? seq : seq + 1,
      ...isLast(seq),
    })),
    ...seqs.map((seq) => ({
      what: `${seq} changed, with every later hash recomputed`,
      tamper: (sqlite: BetterSqlite3.Database) => rehash(sqlite, seq, head.seq),
      firstBad: head.seq,
      onlyByHead: true as const,
    })),
  ];
}

/** Changes an entry and recomputes the hashes from it to `through`, as an attacker who knows how can. */
function rehash(sqlite: BetterSqlite3.Database, from: number, through: number): void {
  const read = sqlite.prepare<[number], AuditEntry>(
    `select seq, at, actor_id as actorId, actor_email as actorEmail, action, subject, key_id as keyId,
     tool_id as toolId, address, user_agent as userAgent, request_id as requestId, details,
     previous_hash as previousHash, hash from audit_entries where seq = ?`,
  );
  const write = sqlite.prepare(
    'update audit_entries set subject = ?, previous_hash = ?, hash = ? where seq = ?',
  );
  let previousHash = read.get(from)?.previousHash ?? '';
  for (let seq = from; seq <= through; seq++) {
    const entry = read.get(seq);
    if (entry === undefined) return;
    const subject = seq === from ? 'user:other' : entry.subject;
    const hash = hashEntry({ ...entry, subject, previousHash });
    write.run(subject, previousHash, hash, seq);
    previousHash = hash;
  }
}
