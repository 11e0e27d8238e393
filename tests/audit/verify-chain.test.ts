import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, GENESIS, hashEntry, readHead } from '~/audit/record.server';
import { verifyAuditTrail, verifyChain } from '~/audit/verify-chain.server';
import { testApp } from '../helpers/app';
import { addAuditEntries, allAuditEntries, tamper } from '../helpers/audit';

/** An application with at least ten audit entries, and its head. */
async function withTrail() {
  const app = await testApp();
  await addAuditEntries(app, 10);
  return { app, head: await readHead(app.db.read) };
}

/** SQL that swaps the numbers of two entries. */
const swap = (one: number, other: number): string[] => [
  `update audit_entries set seq = -seq where seq in (${one}, ${other})`,
  `update audit_entries set seq = ${other} where seq = -${one}`,
  `update audit_entries set seq = ${one} where seq = -${other}`,
];

describe('verifyAuditTrail', () => {
  it('accepts an intact trail and returns its head', async () => {
    const { app, head } = await withTrail();
    expect(await verifyAuditTrail(app)).toEqual({ ok: true, head });
    expect(await verifyAuditTrail(app, head)).toEqual({ ok: true, head });
  });

  it('accepts an empty trail', async () => {
    expect(await verifyChain(batchesOf([]))).toEqual({ ok: true, head: { seq: 0, hash: GENESIS } });
  });

  it('accepts a trail that has grown since the head was saved', async () => {
    const { app, head } = await withTrail();
    await addAuditEntries(app, 3);
    expect(await verifyAuditTrail(app, head)).toMatchObject({ ok: true, head: { seq: head.seq + 3 } });
  });

  it.each<[string, string[], object]>([
    [
      'a changed entry',
      [`update audit_entries set details = '{"purpose":"another"}' where seq = 4`],
      { seq: 4, kind: 'changed', message: expect.stringContaining('Entry 4 was changed') },
    ],
    ['a removed entry', ['delete from audit_entries where seq = 5'], { seq: 5, kind: 'removed' }],
    [
      'several removed entries',
      ['delete from audit_entries where seq in (4, 5, 6)'],
      { seq: 4, kind: 'removed', message: 'Entries 4 to 6 were removed.' },
    ],
    ['removed first entries', ['delete from audit_entries where seq <= 2'], { seq: 1, kind: 'removed' }],
    [
      'swapped neighbours',
      swap(3, 4),
      { seq: 3, kind: 'moved', message: expect.stringContaining('as entry 4') },
    ],
    [
      'swapped distant entries',
      swap(2, 9),
      { seq: 2, kind: 'moved', message: expect.stringContaining('as entry 9') },
    ],
    [
      'a changed previous hash',
      ['update audit_entries set previous_hash = hex(zeroblob(32)) where seq = 6'],
      { seq: 6, kind: 'relinked' },
    ],
    [
      'an entry before the first one',
      ['update audit_entries set seq = 0 where seq = 2'],
      { seq: 0, kind: 'misplaced' },
    ],
  ])('finds %s', async (_what, statements, fault) => {
    const { app } = await withTrail();
    for (const sql of statements) tamper(app, sql);
    const verdict = await verifyAuditTrail(app);
    expect(verdict).toMatchObject({ ok: false, fault });
    expect(verdict.head.seq).toBeLessThan(7);
  });

  it('finds the broken link after an entry that was changed together with its hash', async () => {
    const { app } = await withTrail();
    const entry = (await allAuditEntries(app)).find(({ seq }) => seq === 5);
    if (entry === undefined) throw new Error('there is no entry 5');
    const hash = hashEntry({ ...entry, action: 'tool.restored' });
    tamper(app, `update audit_entries set action = 'tool.restored', hash = ? where seq = 5`, hash);
    expect(await verifyAuditTrail(app)).toMatchObject({ fault: { seq: 6, kind: 'unlinked' } });
  });

  it('finds removed entries at the end with a saved head only', async () => {
    const { app, head } = await withTrail();
    tamper(app, 'delete from audit_entries where seq > ?', head.seq - 3);
    expect((await verifyAuditTrail(app)).ok).toBe(true);
    expect(await verifyAuditTrail(app, head)).toMatchObject({
      ok: false,
      fault: { seq: head.seq - 2, kind: 'truncated' },
    });
  });

  it('finds an emptied trail with a saved head', async () => {
    const { app, head } = await withTrail();
    tamper(app, 'delete from audit_entries');
    expect(await verifyAuditTrail(app, head)).toMatchObject({ fault: { seq: 1, kind: 'truncated' } });
  });

  it('finds a chain with recomputed hashes with a saved head only', async () => {
    const { app, head } = await withTrail();
    let previousHash = '';
    for (const entry of await allAuditEntries(app)) {
      const changed = { ...entry, ...(entry.seq < 4 ? {} : { action: 'key.issued', previousHash }) };
      previousHash = hashEntry(changed);
      tamper(
        app,
        'update audit_entries set action = ?, previous_hash = ?, hash = ? where seq = ?',
        changed.action,
        changed.previousHash,
        previousHash,
        entry.seq,
      );
    }
    expect((await verifyAuditTrail(app)).ok).toBe(true);
    expect(await verifyAuditTrail(app, head)).toMatchObject({ fault: { seq: head.seq, kind: 'rewritten' } });
  });

  it('ends and finds the gap before an entry with a huge number', async () => {
    const { app, head } = await withTrail();
    tamper(app, 'update audit_entries set seq = 9000000000000000 where seq = ?', head.seq);
    expect(await verifyAuditTrail(app)).toMatchObject({ fault: { seq: head.seq, kind: 'removed' } });
  });

  it('doesn’t block the event loop on a long trail', async () => {
    const app = await testApp();
    await addAuditEntries(app, 2_000);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await verifyAuditTrail(app);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

describe('verifyChain', () => {
  const columns: (keyof AuditEntry)[] = [
    'at',
    'actorId',
    'actorEmail',
    'action',
    'subject',
    'keyId',
    'toolId',
    'address',
    'userAgent',
    'requestId',
    'details',
    'previousHash',
    'hash',
  ];

  it('finds a change of any field, at the changed entry', async () => {
    const { app } = await withTrail();
    const trail = await allAuditEntries(app);
    const different = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.integer(), fc.constant(null));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(trail.length - 1),
        fc.constantFrom(...columns),
        different,
        async (index, column, value) => {
          const entry = trail[index];
          fc.pre(entry !== undefined && entry[column] !== value);
          const changed = trail.with(index, { ...entry, [column]: value } as AuditEntry);
          expect(await verifyChain(batchesOf(changed))).toMatchObject({
            ok: false,
            fault: { seq: entry?.seq },
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('finds any two exchanged entries', async () => {
    const { app } = await withTrail();
    const trail = await allAuditEntries(app);
    await fc.assert(
      fc.asyncProperty(fc.nat(trail.length - 1), fc.nat(trail.length - 1), async (one, other) => {
        fc.pre(one !== other);
        const [a, b] = [trail[one], trail[other]] as [AuditEntry, AuditEntry];
        const exchanged = trail.with(one, b).with(other, a);
        expect(await verifyChain(batchesOf(exchanged))).toMatchObject({
          ok: false,
          fault: { seq: Math.min(a.seq, b.seq), kind: 'misplaced' },
        });
      }),
    );
  });
});

async function* batchesOf(entries: AuditEntry[]): AsyncGenerator<AuditEntry[]> {
  for (let start = 0; start < entries.length; start += 3) yield entries.slice(start, start + 3);
}
