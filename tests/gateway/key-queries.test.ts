import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { createKeyRepository } from '~/gateway/key-repository.server';
import { keys, serviceAccounts, toolCredentials, tools, users } from '~db/schema';
import { addCredential, addKey, addTool } from '../helpers/factories';
import { serviceAccount, serviceKey, team } from '../helpers/team';

// The select lists are ordered by hand. These tests fail when two columns have each other's SQL expression.

/** A tool with a different value in every column. */
async function setup() {
  const story = await team();
  const { app } = story;
  const tool = await addTool(app, {
    slug: 'acme',
    dialect: 'generic',
    upstreamUrl: 'https://api.example.com/v1',
    credentialHeader: 'x-acme-key',
    needsCredential: true,
    allowsPlainHttp: false,
    headersTimeoutMs: 1_234,
    maxConcurrentPerKey: 3,
    maxConcurrent: 5,
  });
  await addCredential(app, tool.id);
  const [credential] = await app.db.read.select().from(toolCredentials);
  const hex = (bytes: Buffer | undefined) => bytes?.toString('hex').toUpperCase();
  const routing = {
    dialect: 'generic',
    upstreamUrl: 'https://api.example.com/v1',
    credentialHeader: 'x-acme-key',
    needsCredential: true,
    allowsPlainHttp: false,
    headersTimeoutMs: 1_234,
    maxConcurrentPerKey: 3,
    maxConcurrent: 5,
    encryptedCredential: `${credential?.masterKeyId} ${hex(credential?.nonce)} ${hex(credential?.sealed)}`,
  };
  return { story, app, tool, routing, repository: createKeyRepository(app.db) };
}

test('the key queries read each column of a user’s key into the field of its name', async () => {
  const { app, tool, routing, repository } = await setup();
  const { id, hash, holderId, holderEmail } = await addKey(app, tool.id, { environment: 'staging' });
  const expected = {
    id,
    isActive: true,
    revokedAt: null as number | null,
    holderId,
    isHolderDisabled: false,
    toolId: tool.id,
    isForTool: true,
    isToolArchived: false,
  };
  const identity = { environment: 'staging', holder: holderEmail };
  const expectRow = (slug = 'acme') => {
    expect(repository.verified(hash, slug, 'aik')).toEqual({ ...expected, ...identity });
    expect(repository.routed(hash, slug, 'aik')).toEqual({ ...expected, ...routing });
  };
  expectRow();

  expected.isForTool = false;
  expectRow('other');

  expected.isForTool = true;
  await app.db.write(async (tx) => {
    await tx.update(tools).set({ archivedAt: 1 }).where(eq(tools.id, tool.id));
  });
  expected.isToolArchived = true;
  expectRow();

  await app.db.write(async (tx) => {
    await tx.update(keys).set({ status: 'REVOKED', revokedAt: 2 }).where(eq(keys.id, id));
  });
  Object.assign(expected, { isActive: false, revokedAt: 2 });
  expectRow();

  await app.db.write(async (tx) => {
    await tx.update(users).set({ disabledAt: 3 }).where(eq(users.id, holderId));
  });
  expected.isHolderDisabled = true;
  expectRow();
});

test('the key queries find a service account’s key by its kind only', async () => {
  const { story, app, repository } = await setup();
  const account = await serviceAccount(story, 'ci/deploy');
  const { keyId } = await serviceKey(story, account, 'acme');
  const [row] = await app.db.read.select().from(keys).where(eq(keys.id, keyId));
  const hash = row?.hash ?? '';
  expect(repository.verified(hash, 'acme', 'aik')).toBeNull();
  await app.db.write(async (tx) => {
    await tx.update(serviceAccounts).set({ disabledAt: 1 }).where(eq(serviceAccounts.id, account));
  });
  expect(repository.verified(hash, 'acme', 'ais')).toMatchObject({
    id: keyId,
    holderId: account,
    holder: 'ci/deploy',
    isHolderDisabled: true,
  });
});
