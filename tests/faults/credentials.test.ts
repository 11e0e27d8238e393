import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Encryption } from '~/crypto/encryption.server';
import type { App } from '~/server/create-app.server';
import { serveGateway, serveRecorder } from '../gateway/harness';
import { testApp } from '../helpers/app';
import { addCredential, addKey, addTool, CREDENTIAL } from '../helpers/factories';
import { amount, counted, limit, reportLog } from './report';

interface Row {
  master_key_id: string;
  nonce: Buffer;
  sealed: Buffer;
}

/** Two tools with credentials, an upstream that records its requests, and a key for the first tool. */
async function setUp(change: (app: App) => void = () => undefined) {
  const app = await testApp();
  change(app);
  const { origin: upstreamUrl, recorded } = await serveRecorder((_, response) => response.end('{}'));
  const tool = await addTool(app, { slug: 'acme', upstreamUrl });
  const other = await addTool(app, { slug: 'other', upstreamUrl });
  await addCredential(app, tool.id);
  await addCredential(app, other.id, 'the-credential-of-another-tool');
  const key = await addKey(app, tool.id);
  const { origin } = await serveGateway(app);
  const { write } = app.db.connections;
  const read = (id: string) =>
    write
      .prepare<[string], Row>('select master_key_id, nonce, sealed from tool_credentials where tool_id = ?')
      .get(id);
  const store = write.prepare(
    'update tool_credentials set master_key_id = ?, nonce = ?, sealed = ? where tool_id = ?',
  );
  return {
    recorded,
    good: read(tool.id) as Row,
    ofOther: read(other.id) as Row,
    /** Replaces the tool's credential by this row and makes a call; `sent` is what reached the upstream. */
    async call(row: Row): Promise<{ status: number; sent: string | undefined; body: string }> {
      store.run(row.master_key_id, row.nonce, row.sealed, tool.id);
      recorded.length = 0;
      const response = await fetch(`${origin}/gateway/acme/v1/models`, {
        headers: { 'x-api-key': key.rawKey },
      });
      return {
        status: response.status,
        body: await response.text(),
        sent: recorded[0]?.headers.authorization,
      };
    },
  };
}

/** Copies with one bit changed: every bit, or every n-th. */
function* flipped(bytes: Buffer, every: number): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit += every) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    yield changed;
  }
}

function* everyChange(good: Row, ofOther: Row, every: number): Generator<[string, Row]> {
  for (const sealed of flipped(good.sealed, every)) yield ['ciphertext or tag', { ...good, sealed }];
  for (const nonce of flipped(good.nonce, every)) yield ['nonce', { ...good, nonce }];
  for (const id of flipped(Buffer.from(good.master_key_id), every))
    yield ['master key id', { ...good, master_key_id: id.toString('latin1') }];
  for (let length = 0; length < good.sealed.length; length += every)
    yield ['truncated', { ...good, sealed: good.sealed.subarray(0, length) }];
  yield ['another tool’s credential', ofOther];
  yield ['another tool’s nonce', { ...good, nonce: ofOther.nonce }];
}

describe('An encrypted credential with a bit changed', () => {
  it(
    'fails the call with 503, and nothing is sent upstream',
    limit({ short: 60, full: 120 }),
    async ({ task }) => {
      const log = reportLog(task);
      const { good, ofOther, call } = await setUp();
      const wrong: string[] = [];
      const tried = new Map<string, number>();
      for (const [what, row] of everyChange(good, ofOther, amount(3, 1))) {
        const { status, sent, body } = await call(row);
        tried.set(what, (tried.get(what) ?? 0) + 1);
        if (status !== 503 || sent !== undefined) wrong.push(`${what}: answered ${status}, sent ${sent}`);
        expect(body).not.toMatch(/tag|cipher|authenticate data/i);
      }
      const after = await call(good);
      log(`tried ${[...tried].map(([what, times]) => `${what} ${counted(times, 'time')}`).join(', ')}`);
      log(`found ${counted(wrong.length, 'call')} that went through`);
      expect(wrong).toEqual([]);
      expect(after).toMatchObject({ status: 200, sent: `Bearer ${CREDENTIAL}` });
    },
  );

  it('control: decryption without authentication is caught', async ({ task }) => {
    const { good, ofOther, call } = await setUp((app) => {
      const secret = Buffer.from(readFileSync(join(app.config.dataDir, 'master.key'), 'utf8'), 'base64');
      const open: Encryption['open'] = (_, { nonce, sealed }) => {
        const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: 16 });
        return decipher.update(sealed.subarray(0, -16)).toString('latin1');
      };
      const { seal, use } = app.encryption;
      app.encryption = { keyId: app.encryption.keyId, seal, use, open };
    });
    const sent: string[] = [];
    for (const [what, row] of everyChange(good, ofOther, 7)) {
      const answer = await call(row);
      if (answer.sent !== undefined) sent.push(`${what}: ${JSON.stringify(answer.sent)}`);
    }
    reportLog(task)(
      `control caught: garbage was sent upstream ${counted(sent.length, 'time')}, first: ${sent[0]}`,
    );
    expect(sent.length).toBeGreaterThan(10);
  });
});
