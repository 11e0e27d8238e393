import { createReadStream } from 'node:fs';
import { z } from 'zod';
import type { AuditEntry } from './record.server';
import { UnreadableEntry } from './verify-chain.server';

const text = z.string();
const maybe = text.nullable();

/** Every column as it stands in the database, and nothing else: the hash covers exactly these. */
const exportedEntry: z.ZodType<AuditEntry> = z.strictObject({
  seq: z.number(),
  at: z.number(),
  actorId: maybe,
  actorEmail: maybe,
  action: text,
  subject: text,
  keyId: maybe,
  toolId: maybe,
  address: maybe,
  userAgent: maybe,
  requestId: maybe,
  details: text,
  previousHash: text,
  hash: text,
});

const BATCH_SIZE = 500;

/** One line of an export, its line break included. The columns stand in the order of the schema. */
export const toExportLine = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`;

/**
 * The entries of an exported file, in its order, in batches.
 *
 * @throws UnreadableEntry naming the first line that is no entry; the file system's error when it cannot be read.
 */
export async function* readAuditExport(path: string): AsyncGenerator<AuditEntry[], void, undefined> {
  let batch: AuditEntry[] = [];
  let number = 0;
  for await (const line of readLines(path)) {
    number++;
    if (line === '') continue;
    const entry = parseLine(line);
    if (entry === null) {
      yield batch;
      throw new UnreadableEntry(`Line ${number} of the file is not an audit entry.`);
    }
    batch.push(entry);
    if (batch.length === BATCH_SIZE) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

/** Lines end at a line feed only; Node's own reader also splits at U+2028, which may stand in a reason. */
async function* readLines(path: string): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  if (rest !== '') yield rest;
}

function parseLine(line: string): AuditEntry | null {
  try {
    return exportedEntry.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
