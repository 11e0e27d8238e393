import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, GENESIS, hashEntry, readHead } from '~/audit/record.server';
import { verifyAuditTrail, verifyChain } from '~/audit/verify-chain.server';
import { testApp } from '../helpers/app';
import { addAuditEntries, allAuditEntries, tamper } from '../helpers/audit';

/** An application with a trail of at least ten entries, and how many it is. */
async function withTrail() {
  const app = await testApp();
  await addAuditEntries(app, 10);
  return { app, head: await readHead(app.db.read) };
}

describe('verifying the trail in the database', () => {
  it('finds nothing on a trail as recorded, and says where it ends', async () => {
    const { app, head } = await withTrail();
    expect(await verifyAuditTrail(app)).toEqual({ ok: true, head });
    expect(await verifyAuditTrail(app, head)).toEqual({ ok: true, head });
  });

  it('takes an empty trail for whole', async () => {
    expect(await verifyChain(batchesOf([]))).toEqual({ ok: true, head: { seq: 0, hash: GENESIS } });
  });

  it('verifies on from a head kept earlier', async () => {
    const { app, head } = await withTrail();
    await addAuditEntries(app, 3);
    expect(await verifyAuditTrail(app, head)).toMatchObject({ ok: true, head: { seq: head.seq + 3 } });
  });

  it('names a changed entry', async () => {
    const { app } = await withTrail();
    tamper(app, `update audit_entries set details = '{"purpose":"another"}' where seq = 4`);
    expect(await verifyAuditTrail(app)).toMatchObject({
      ok: false,
      head: { seq: 3 },
      fault: { seq: 4, kind: 'changed', message: expect.stringContaining('Entry 4 was changed') },
    });
  });

  it('names a removed entry, and removed ones, by the first that is missing', async () => {
    const { app } = await withTrail();
    tamper(app, 'delete from audit_entries where seq = 5');
    expect(await verifyAuditTrail(app)).toMatchObject({ fault: { seq: 5, kind: 'removed' } });
    tamper(app, 'delete from audit_entries where seq in (4, 6)');
    expect(await verifyAuditTrail(app)).toMatchObject({
      fault: { seq: 4, kind: 'removed', message: 'Entries 4 to 6 were removed.' },
    });
  });

  it('names the first entry when the beginning was removed', async () => {
    const { app } = await withTrail();
    tamper(app, 'delete from audit_entries where seq <= 2');
    expect(await verifyAuditTrail(app)).toMatchObject({ fault: { seq: 1, kind: 'removed' } });
  });

  it.each([
    [3, 4],
    [2, 9],
  ])('names the first of two swapped entries and where it was recorded (%i and %i)', async (one, other) => {
    const { app } = await withTrail();
    tamper(app, 'update audit_entries set seq = -seq where seq in (?, ?)', one, other);
    tamper(app, 'update audit_entries set seq = ? where seq = ?', other, -one);
    tamper(app, 'update audit_entries set seq = ? where seq = ?', one, -other);
    expect(await verifyAuditTrail(app)).toMatchObject({
      fault: { seq: one, kind: 'moved', message: expect.stringContaining(`as entry ${other}`) },
    });
  });

  it('names an entry whose previous hash was changed', async () => {
    const { app } = await withTrail();
    tamper(app, 'update audit_entries set previous_hash = ? where seq = 6', 'f'.repeat(64));
    expect(await verifyAuditTrail(app)).toMatchObject({ fault: { seq: 6, kind: 'relinked' } });
  });

  it('names the link that breaks when one entry was changed together with its hash', async () => {
    const { app } = await withTrail();
    const entry = (await allAuditEntries(app)).find(({ seq }) => seq === 5);
    if (entry === undefined) throw new Error('there is no entry 5');
    const hash = hashEntry({ ...entry, action: 'tool.restored' });
    tamper(app, `update audit_entries set action = 'tool.restored', hash = ? where seq = 5`, hash);
    expect(await verifyAuditTrail(app)).toMatchObject({ fault: { seq: 6, kind: 'unlinked' } });
  });

  it('names an entry that stands before the beginning', async () => {
    const { app } = await withTrail();
    tamper(app, 'update audit_entries set seq = 0 where seq = 2');
    expect(await verifyAuditTrail(app)).toMatchObject({ fault: { seq: 0, kind: 'misplaced' } });
  });

  it('misses a truncated tail by itself, and catches it against a head kept elsewhere', async () => {
    const { app, head } = await withTrail();
    tamper(app, 'delete from audit_entries where seq > ?', head.seq - 3);
    expect((await verifyAuditTrail(app)).ok).toBe(true);
    expect(await verifyAuditTrail(app, head)).toMatchObject({
      ok: false,
      fault: { seq: head.seq - 2, kind: 'truncated' },
    });
  });

  it('catches a trail emptied altogether against a kept head', async () => {
    const { app, head } = await withTrail();
    tamper(app, 'delete from audit_entries');
    expect(await verifyAuditTrail(app, head)).toMatchObject({ fault: { seq: 1, kind: 'truncated' } });
  });

  it('catches a chain rewritten from some entry on against a head kept elsewhere', async () => {
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

  it('ends, and names the gap, when an entry was given a number beyond all counting', async () => {
    const { app, head } = await withTrail();
    tamper(app, 'update audit_entries set seq = 9000000000000000 where seq = ?', head.seq);
    expect(await verifyAuditTrail(app)).toMatchObject({ fault: { seq: head.seq, kind: 'removed' } });
  });

  it('lets other work go on while it walks a long trail', async () => {
    const app = await testApp();
    await addAuditEntries(app, 2_000);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await verifyAuditTrail(app);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

describe('verifying any trail', () => {
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

  it('finds every change of any one field, at the entry that was changed', async () => {
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

  it('finds every exchange of two entries, wherever they stood', async () => {
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
