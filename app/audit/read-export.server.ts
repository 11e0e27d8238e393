import { createReadStream } from 'node:fs';
import { z } from 'zod';
import type { AuditEntry } from './record.server';
import { UnreadableEntryError } from './verify-chain.server';

const text = z.string();
const nullableText = text.nullable();

/** Exactly the columns of the table: the hash covers no others. */
const exportedEntry: z.ZodType<AuditEntry> = z.strictObject({
  seq: z.number(),
  at: z.number(),
  actorId: nullableText,
  actorEmail: nullableText,
  action: text,
  subject: text,
  keyId: nullableText,
  toolId: nullableText,
  address: nullableText,
  userAgent: nullableText,
  requestId: nullableText,
  details: text,
  previousHash: text,
  hash: text,
});

const BATCH_SIZE = 500;

/** One NDJSON line of an export, including its line feed. Columns are in the schema's order. */
export const toExportLine = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`;

/**
 * Reads the entries of an export in batches, in the file's order.
 *
 * @throws UnreadableEntryError naming the first invalid line; the file system's error when the file can't be read.
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
      throw new UnreadableEntryError(`Line ${number} of the file is not an audit entry.`);
    }
    batch.push(entry);
    if (batch.length === BATCH_SIZE) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

/** Splits at line feeds only. Node's readline also splits at U+2028, which text in an entry may contain. */
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
