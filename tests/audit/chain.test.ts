import { describe, expect, it } from 'vitest';
import { GENESIS, hashEntry, readHead, record, SYSTEM } from '~/audit/record.server';
import { verifyAuditTrail } from '~/audit/verify-chain.server';
import { mintRawKey } from '~/crypto/key-format.server';
import { testApp } from '../helpers/app';
import { actorOf, addAuditEntries, allAuditEntries } from '../helpers/audit';
import { addUser } from '../helpers/factories';

describe('record', () => {
  it('numbers entries from 1 without gaps, each with the hash of the previous one', async () => {
    const app = await testApp();
    const before = await readHead(app.db.read);
    await addAuditEntries(app, 3);
    const entries = (await allAuditEntries(app)).slice(before.seq);
    expect(entries.map(({ seq }) => seq - before.seq)).toEqual([1, 2, 3]);
    let previous = before.hash;
    for (const entry of entries) {
      expect(entry.previousHash).toBe(previous);
      expect(entry.hash).toBe(hashEntry(entry));
      previous = entry.hash;
    }
    const [first] = await allAuditEntries(app);
    expect(first?.previousHash).toBe(GENESIS);
  });

  it('stores the actor, client, subject and sorted details', async () => {
    const app = await testApp();
    const admin = await addUser(app, 'admin');
    await app.db.write((tx) =>
      record(tx, {
        at: 5,
        by: actorOf(admin),
        action: 'key.revoked',
        subject: 'key:key_1',
        keyId: 'key_1',
        toolId: 'tool_1',
        details: { reason: 'left', environment: 'staging', purpose: 'a demo', prefix: undefined },
      }),
    );
    expect((await allAuditEntries(app)).at(-1)).toMatchObject({
      at: 5,
      actorId: admin.id,
      actorEmail: admin.email,
      action: 'key.revoked',
      subject: 'key:key_1',
      keyId: 'key_1',
      toolId: 'tool_1',
      address: '192.0.2.7',
      userAgent: 'tests',
      requestId: 'call_test',
      details: '{"environment":"staging","purpose":"a demo","reason":"left"}',
    });
  });

  it('masks raw keys in every field that contains user input', async () => {
    const app = await testApp();
    const { rawKey, prefix } = mintRawKey('production');
    await app.db.write((tx) =>
      record(tx, {
        at: 1,
        by: { ...SYSTEM, email: rawKey, userAgent: `curl ${rawKey}` },
        action: 'session.refused',
        subject: `user:${rawKey}`,
        details: { reason: `found ${rawKey} in a chat, and ${rawKey} again` },
      }),
    );
    const [entry] = (await allAuditEntries(app)).slice(-1);
    expect(JSON.stringify(entry)).not.toContain(rawKey.slice(prefix.length, -6));
    expect(entry?.actorEmail).toBe(`${prefix}…`);
    expect(entry?.details).toBe(`{"reason":"found ${prefix}… in a chat, and ${prefix}… again"}`);
  });

  it('keeps the chain valid for any characters: lone surrogates, NUL, line separators', async () => {
    const app = await testApp();
    // The last one is a User-Agent header cut in the middle of a character.
    const texts = ['\ud800', 'a\u0000b', 'x\u2028y', '"],"', '\udfff\ud83d', '😀', `${'x'.repeat(299)}😀`];
    for (const text of texts) {
      await app.db.write((tx) =>
        record(tx, {
          at: 1,
          by: { ...SYSTEM, email: text, userAgent: text },
          action: 'session.refused',
          subject: `user:${text}`,
          details: { [text]: text },
        }),
      );
    }
    expect((await verifyAuditTrail(app)).ok).toBe(true);
  });

  it('takes every entry of many changes made at once, in one unbroken chain', async () => {
    const app = await testApp();
    const before = await readHead(app.db.read);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        app.db.write((tx) =>
          record(tx, { at: index, by: SYSTEM, action: 'key.issued', subject: `key:${index}` }),
        ),
      ),
    );
    expect(await verifyAuditTrail(app)).toMatchObject({ ok: true, head: { seq: before.seq + 50 } });
  });
});

describe('the audit_entries table', () => {
  const statements = [
    ['an update', "update audit_entries set action = 'x' where seq = 2"],
    ['an update of every row', "update audit_entries set details = '{}'"],
    ['a deletion', 'delete from audit_entries where seq = 3'],
    ['a deletion of every row', 'delete from audit_entries'],
    ['an insertion that replaces an entry', copy('or replace', '2', 'previous_hash')],
    ['an insertion that leaves a gap', copy('', 'seq + 2', 'hash')],
    ['an insertion that names another predecessor', copy('', 'seq + 1', 'previous_hash')],
  ];

  function copy(how: string, seq: string, previousHash: string): string {
    return `insert ${how} into audit_entries (seq, at, action, subject, details, previous_hash, hash)
      select ${seq}, at, action, subject, details, ${previousHash}, 'new' from audit_entries
      where seq = (select max(seq) from audit_entries)`;
  }

  it.each(statements)('rejects %s', async (_what, statement) => {
    const app = await testApp();
    await addAuditEntries(app, 4);
    const before = await allAuditEntries(app);
    expect(() => app.db.connections.write.exec(statement)).toThrow(/audit trail/);
    expect(await allAuditEntries(app)).toEqual(before);
  });
});
