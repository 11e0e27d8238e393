import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, closeApp } from '~/server/create-app.server';
import { temporaryFolder, testApp } from './app';
import { openApp } from './open-app';
import { GOOD_PASSWORD, inviteAndJoin, linkToken, setUpAdmin } from './visitor';

/** Signed out, two members, two admins, and a member who has been disabled. */
export const actors = ['nobody', 'mara', 'otto', 'ada', 'bea', 'dan'] as const;
export type Actor = (typeof actors)[number];

/** The provider credential of `acme`. */
export const ACME_CREDENTIAL = 'sk-acme-provider-secret';

/** A tool whose upstream refuses connections. */
const ACME = { dialect: 'openai', upstreamUrl: 'http://127.0.0.1:9', requiresApproval: true } as const;
const PIPELINE = { name: 'ci/pipeline-of-acme', purpose: 'releases, in the pipeline' };
const PURPOSE = 'nightly reports';

/** A data directory with rows in every table and something for every procedure to do. Made through the API. */
export interface Company {
  dataDir: string;
  /** Cookie headers; for `dan` the one from before he was disabled. */
  cookies: Record<Actor, string>;
  ids: Record<Exclude<Actor, 'nobody'>, string>;
  password: string;
  /** Mara's keys. */
  pendingKey: string;
  unrevealedKey: string;
  activeKey: string;
  /** The raw key of `activeKey`, which is for echo, and another raw key of hers for openai. */
  activeRawKey: string;
  openaiRawKey: string;
  /** The token of one open invitation, and the id of another. */
  invitationToken: string;
  invitationId: string;
  /** A service account with an active key, and one that is disabled. */
  serviceAccountId: string;
  disabledAccountId: string;
  serviceKey: string;
  serviceRawKey: string;
  /** The token of an open link to reset Otto's password. */
  resetToken: string;
  /** Opens a copy, which is closed and removed at the end of the test. */
  open(): Promise<App>;
  remove(): void;
}

/** Creates a company. Takes about a second; `open` copies it instantly. */
export async function createCompany(settings: Record<string, string> = {}): Promise<Company> {
  const dataDir = mkdtempSync(join(tmpdir(), 'my-ai-keys-company-'));
  const app = await openApp(dataDir, settings);
  const ada = await setUpAdmin(app);
  const bea = await inviteAndJoin(app, ada, 'bea@example.com', 'admin');
  const mara = await inviteAndJoin(app, ada, 'mara@example.com');
  const otto = await inviteAndJoin(app, ada, 'otto@example.com');
  const dan = await inviteAndJoin(app, ada, 'dan@example.com');

  const request = (tool: string, environment: 'development' | 'staging' | 'production') =>
    mara.call((api) => api.keys.request({ tool, environment, purpose: PURPOSE }));
  const issue = async (tool: string) => {
    const issued = await request(tool, 'development');
    if (issued.outcome !== 'issued') throw new Error('the key was not issued');
    return issued;
  };
  const pending = await request('openai', 'production');
  const unrevealed = await request('anthropic', 'production');
  const active = await issue('echo');
  const openai = await issue('openai');
  await ada.call((api) => api.requests.approve({ keyId: unrevealed.key.id }));
  const rejected = await request('mistral', 'production');
  await ada.call((api) => api.requests.reject({ keyId: rejected.key.id, reason: 'Use the staging key.' }));
  const withdrawn = await request('mistral', 'production');
  await mara.call((api) => api.keys.withdraw({ keyId: withdrawn.key.id }));
  const revoked = await request('anthropic', 'staging');
  await bea.call((api) => api.keys.revoke({ keyId: revoked.key.id, reason: 'It was in a log.' }));

  await ada.call((api) => api.tools.create({ ...ACME, slug: 'acme', displayName: 'Acme' }));
  await ada.call((api) => api.tools.setCredential({ tool: 'acme', credential: ACME_CREDENTIAL }));
  await ada.call((api) => api.tools.create({ ...ACME, slug: 'retired', displayName: 'Retired' }));
  await ada.call((api) => api.tools.archive({ tool: 'retired' }));

  const { id: serviceAccountId } = await ada.call((api) => api.serviceAccounts.create(PIPELINE));
  const forPipeline = {
    serviceAccountId,
    tool: 'echo',
    environment: 'production',
    purpose: PURPOSE,
  } as const;
  const service = await ada.call((api) => api.serviceAccounts.issueKey(forPipeline));
  const retired = { ...PIPELINE, name: 'retired-bot' };
  const { id: disabledAccountId } = await ada.call((api) => api.serviceAccounts.create(retired));
  await ada.call((api) => api.serviceAccounts.disable({ serviceAccountId: disabledAccountId }));

  const invite = (email: string) => ada.call((api) => api.users.invite({ email, role: 'member' }));
  const invitationToken = linkToken(await invite('nina@example.com'));
  await invite('nora@example.com');
  const [latest] = await ada.call((api) => api.users.invitations());
  await ada.call((api) => api.users.disable({ userId: dan.id }));
  const resetToken = linkToken(await ada.call((api) => api.users.makeResetLink({ userId: otto.id })));
  await closeApp(app);

  const people = { ada, bea, mara, otto, dan };
  const ofEach = <T>(value: (person: typeof ada) => T) =>
    Object.fromEntries(Object.entries(people).map(([name, person]) => [name, value(person)]));
  return {
    dataDir,
    cookies: { nobody: '', ...ofEach((person) => person.cookies()) } as Company['cookies'],
    ids: ofEach(({ id }) => id) as Company['ids'],
    password: GOOD_PASSWORD,
    pendingKey: pending.key.id,
    unrevealedKey: unrevealed.key.id,
    activeKey: active.key.id,
    activeRawKey: active.rawKey,
    openaiRawKey: openai.rawKey,
    invitationToken,
    invitationId: latest?.id ?? '',
    serviceAccountId,
    disabledAccountId,
    serviceKey: service.key.id,
    serviceRawKey: service.rawKey,
    resetToken,
    async open() {
      const copy = temporaryFolder();
      cpSync(dataDir, copy, { recursive: true });
      return await testApp({ ...settings, DATA_DIR: copy });
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
