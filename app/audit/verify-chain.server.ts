import type { AppContext } from '~/app-context.server';
import type { Head } from './audit.schema';
import { readBatches } from './read-batches.server';
import { type AuditEntry, GENESIS, hashEntry, readHead } from './record.server';

export type ChainFaultKind =
  | 'changed'
  | 'relinked'
  | 'moved'
  | 'removed'
  | 'misplaced'
  | 'unlinked'
  | 'rewritten'
  | 'truncated'
  | 'unreadable';

/** The first place where the trail is not what was recorded. */
export interface ChainFault {
  /** The number of the bad entry; for missing ones that of the first. */
  seq: number;
  kind: ChainFaultKind;
  /** A sentence for people. */
  message: string;
}

/** `head` is the last entry up to which all is well. */
export type ChainVerdict = { ok: true; head: Head } | { ok: false; head: Head; fault: ChainFault };

/** Thrown by a source of entries whose next one cannot be read. */
export class UnreadableEntry extends Error {}

/** How far a moved entry's own place is searched for, and a missing one among those that follow. */
const SEARCH_WINDOW = 1_000;

/** Verifies the trail in the database, as far as it reaches now, and logs a fault. */
export async function verifyAuditTrail(
  { db, log }: Pick<AppContext, 'db' | 'log'>,
  kept?: Head,
): Promise<ChainVerdict> {
  const { seq } = await readHead(db.read);
  const verdict = await verifyChain(readBatches(db.read, seq), kept);
  if (!verdict.ok) log.error({ fault: verdict.fault }, 'the audit trail is not what was recorded');
  return verdict;
}

/**
 * Walks the whole chain, oldest first, recomputing every hash and following every link, and names the
 * first fault. What cannot be seen from the chain alone (the newest entries cut off, or every hash
 * computed anew) is seen against `kept`, a head that was noted elsewhere earlier.
 *
 * @param batches every entry, ordered by `seq`; from the database or from an exported file.
 */
export async function verifyChain(batches: AsyncIterable<AuditEntry[]>, kept?: Head): Promise<ChainVerdict> {
  let head: Head = { seq: 0, hash: GENESIS };
  let gap: ChainFault | null = null;
  let lookedOn = 0;
  const bad = (fault: ChainFault): ChainVerdict => ({ ok: false, head, fault });
  try {
    for await (const batch of batches) {
      for (const entry of batch) {
        if (gap !== null) {
          // Missing, or only standing further on? The entries that follow tell.
          if (entry.seq === gap.seq) return bad(misplaced(gap.seq));
          if (++lookedOn > SEARCH_WINDOW) return bad(gap);
          continue;
        }
        const fault = faultOf(entry, head, kept);
        if (fault?.kind === 'removed') gap = fault;
        else if (fault !== null) return bad(fault);
        else head = { seq: entry.seq, hash: entry.hash };
      }
    }
  } catch (error) {
    if (!(error instanceof UnreadableEntry)) throw error;
    return bad(gap ?? { seq: head.seq + 1, kind: 'unreadable', message: error.message });
  }
  if (gap !== null) return bad(gap);
  if (kept !== undefined && head.seq < kept.seq) return bad(truncated(head, kept));
  return { ok: true, head };
}

/** What is wrong with `entry`, standing right after `previous`; null when nothing is. */
function faultOf(entry: AuditEntry, previous: Head, kept: Head | undefined): ChainFault | null {
  const { seq } = entry;
  const expected = previous.seq + 1;
  if (seq > expected) return removed(expected, seq - 1);
  if (seq !== expected) {
    return {
      seq,
      kind: 'misplaced',
      message: `Entry ${seq} stands after entry ${previous.seq}, where it does not belong.`,
    };
  }
  if (hashEntry(entry) !== entry.hash) return whatChanged(entry, previous);
  if (entry.previousHash !== previous.hash) {
    return {
      seq,
      kind: 'unlinked',
      message: `Entry ${seq} does not follow ${seq === 1 ? 'the beginning' : `entry ${previous.seq}`}: one of the two was recorded elsewhere, or its hash was computed anew.`,
    };
  }
  if (kept?.seq === seq && kept.hash !== entry.hash) {
    return {
      seq,
      kind: 'rewritten',
      message: `Entry ${seq} does not have the hash that was kept: the trail was rewritten, at this entry or before it.`,
    };
  }
  return null;
}

/** Which change explains an entry whose content and hash disagree. */
function whatChanged(entry: AuditEntry, previous: Head): ChainFault {
  const { seq } = entry;
  // An entry that names the right predecessor stands where it was recorded.
  if (entry.previousHash !== previous.hash) {
    if (hashEntry({ ...entry, previousHash: previous.hash }) === entry.hash) {
      return {
        seq,
        kind: 'relinked',
        message: `Entry ${seq} had its previous hash changed; the rest of it is as recorded.`,
      };
    }
    const place = ownPlace(entry);
    if (place !== null) {
      return {
        seq,
        kind: 'moved',
        message: `Entry ${seq} was recorded as entry ${place}: entries were swapped or renumbered.`,
      };
    }
  }
  return {
    seq,
    kind: 'changed',
    message: `Entry ${seq} was changed after it was recorded: its content does not have its hash.`,
  };
}

/** The number under which the entry's hash is right; null when there is none near. */
function ownPlace(entry: AuditEntry): number | null {
  for (let distance = 1; distance <= SEARCH_WINDOW; distance++) {
    for (const seq of [entry.seq + distance, entry.seq - distance]) {
      if (seq > 0 && hashEntry({ ...entry, seq }) === entry.hash) return seq;
    }
  }
  return null;
}

function removed(first: number, last: number): ChainFault {
  const what =
    first === last
      ? `Entry ${first} is missing: it was`
      : `Entries ${first} to ${last} are missing: they were`;
  return { seq: first, kind: 'removed', message: `${what} removed.` };
}

function misplaced(seq: number): ChainFault {
  return { seq, kind: 'misplaced', message: `Entry ${seq} stands further on, where it does not belong.` };
}

function truncated(head: Head, kept: Head): ChainFault {
  return {
    seq: head.seq + 1,
    kind: 'truncated',
    message: `The trail ends at entry ${head.seq}, but it had ${kept.seq} when its head was kept: the end was cut off.`,
  };
}
