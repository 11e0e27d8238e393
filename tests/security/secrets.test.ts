import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type HttpClient, httpClient, signIn } from '../helpers/http';
import { dataFiles, type RunningServer, runCommand, startServer } from '../helpers/server';

const METRICS_TOKEN = 'metrics-token-of-this-test-4711';

/** Every secret of this test, with a description. */
class Secrets {
  readonly known = new Map<string, string>();

  add(what: string, secret: string): string {
    expect(secret.length, what).toBeGreaterThan(7);
    this.known.set(secret, what);
    return secret;
  }

  /** Descriptions of the secrets in this text, as they are or escaped for a URL or JSON. */
  within(text: string | Buffer): string[] {
    return [...this.known].flatMap(([secret, what]) =>
      [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)].some((spelling) =>
        text.includes(spelling),
      )
        ? [what]
        : [],
    );
  }
}

/** An upstream that responds to every call. */
async function serveUpstream(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(request.url?.includes('bad') ? 500 : 200, { 'content-type': 'application/json' });
    response.end('{"data":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const data = <T>(answer: { data: unknown }) => answer.data as T;

interface Issued {
  rawKey: string;
  key: { id: string };
}

/** Saves a response for the search. Not for responses that repeat the requested URL. */
type Keep = (response: Response) => Promise<void>;

/** Sets up the server and does everything that involves a secret, successfully and not. */
async function useEverything(server: RunningServer, secrets: Secrets): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const keep: Keep = async (response) => {
    const path = new URL(response.url).pathname;
    answers.set(path, (answers.get(path) ?? '') + (await response.text()));
  };
  const setupToken = secrets.add(
    'setup token',
    new URL(server.setupPath(), server.url).searchParams.get('token') ?? '',
  );
  const password = secrets.add('password', 'quiet violet harbour 27');
  const ada = httpClient(server.url);
  await ada.get(server.setupPath());
  const fields = { token: setupToken, name: 'Ada', email: 'ada@example.com', password };
  await keep(
    await ada.post('/setup', { ...fields, password: secrets.add('weak password', 'passwordpassword') }),
  );
  await keep(await ada.post(server.setupPath(), fields));
  secrets.add('first session', ada.cookie.split('=')[1] ?? '');

  // Sign-in: wrong passwords, a password typed into the email field, invitations, a changed password.
  const stranger = httpClient(server.url);
  const wrong = secrets.add('wrong password', 'loud orange desert 99');
  await keep(await stranger.post('/sign-in', { email: 'ada@example.com', password: wrong }));
  await keep(await stranger.post('/sign-in', { email: 'nobody@example.com', password: wrong }));
  await stranger.mutate('auth.signIn', { email: 'ada@example.com', password: wrong });
  await stranger.mutate('auth.signIn', { email: wrong, password });
  const invited = await ada.mutate('users.invite', { email: 'mara@example.com', role: 'member' });
  const link = new URL(data<{ url: string }>(invited).url);
  secrets.add('invitation token', link.searchParams.get('token') ?? '');
  await stranger.get(link.pathname + link.search);
  const mara = httpClient(server.url);
  await keep(
    await mara.post(link.pathname + link.search, {
      name: 'Mara',
      password,
      token: link.searchParams.get('token') ?? '',
    }),
  );
  await keep(await stranger.get(link.pathname + link.search));
  secrets.add('member’s session', mara.cookie.split('=')[1] ?? '');
  const changed = secrets.add('new password', 'nine herons above tin');
  await mara.mutate('auth.changePassword', { currentPassword: wrong, newPassword: changed });
  await mara.mutate('auth.changePassword', { currentPassword: password, newPassword: changed });
  secrets.add('session after the change', mara.cookie.split('=')[1] ?? '');
  const other = await signIn(server.url, { email: 'mara@example.com', password: changed });
  secrets.add('second session', other.cookie.split('=')[1] ?? '');

  await useTools(ada, secrets, await serveUpstream());
  await useKeys(server, { ada, mara }, secrets, keep);
  return answers;
}

async function useTools(ada: HttpClient, secrets: Secrets, upstreamUrl: string): Promise<void> {
  const tool = { dialect: 'openai', upstreamUrl, requiresApproval: true, displayName: 'Acme' };
  await ada.mutate('tools.create', { ...tool, slug: 'acme' });
  for (const credential of ['sk-provider-credential-one', 'sk-provider-credential-two']) {
    await ada.mutate('tools.setCredential', {
      tool: 'acme',
      credential: secrets.add(credential, credential),
    });
    await ada.mutate('tools.testConnection', { tool: 'acme' });
  }
  await ada.mutate('tools.setCredential', {
    tool: 'acme',
    credential: secrets.add('bad credential', 'sk provider\ncredential three'),
  });
  await ada.mutate('tools.setCredential', {
    tool: 'nowhere',
    credential: secrets.add('misplaced credential', 'sk-provider-credential-four'),
  });
  await ada.mutate('tools.update', { tool: 'acme', displayName: 'Acme 2' });
}

async function useKeys(
  { url }: RunningServer,
  { ada, mara }: { ada: HttpClient; mara: HttpClient },
  secrets: Secrets,
  keep: Keep,
): Promise<void> {
  const ask = { tool: 'acme', purpose: 'nightly reports' };
  const issued = data<Issued>(await mara.mutate('keys.request', { ...ask, environment: 'development' }));
  const pending = data<Issued>(await mara.mutate('keys.request', { ...ask, environment: 'production' }));
  await ada.mutate('requests.approve', { keyId: pending.key.id });
  const revealed = data<Issued>(await mara.mutate('keys.reveal', { keyId: pending.key.id }));
  const rawKeys = [secrets.add('issued key', issued.rawKey), secrets.add('revealed key', revealed.rawKey)];
  // Again through the page, whose response is the only place for the key.
  const page = await (
    await mara.post('/me/ai-keys/request/echo', { environment: 'development', purpose: 'by hand' })
  ).text();
  rawKeys.push(secrets.add('key of the page', /aik_dev_[0-9A-Za-z]{38}/.exec(page)?.[0] ?? ''));
  const account = data<{ id: string }>(
    await ada.mutate('serviceAccounts.create', { name: 'ci/deploy', purpose: 'nightly reports' }),
  );
  const service = { serviceAccountId: account.id, environment: 'production' };
  const ofService = data<Issued>(await ada.mutate('serviceAccounts.issueKey', { ...service, ...ask }));
  rawKeys.push(secrets.add('key of a service account', ofService.rawKey));
  const itsPage = `/admin/ai/service-accounts/${account.id}`;
  const byHand = { tool: 'echo', environment: 'production', purpose: 'by hand' };
  const shown = await (await ada.post(`${itsPage}/issue-key`, byHand)).text();
  rawKeys.push(secrets.add('key of the account’s page', /ais_prod_[0-9A-Za-z]{38}/.exec(shown)?.[0] ?? ''));

  for (const rawKey of rawKeys) {
    const bearer = { authorization: `Bearer ${rawKey}` };
    for (const path of [
      '/gateway/acme/v1/models',
      '/gateway/acme/bad',
      '/gateway/echo/v1/models',
      '/verify/acme',
      '/verify/echo/x',
    ]) {
      await keep(await fetch(url + path, { headers: bearer }));
      await keep(await fetch(`${url}${path}?key=${rawKey}`, { headers: { 'x-api-key': rawKey } }));
    }
    // Pasted where it doesn't belong.
    await keep(await fetch(`${url}/gateway/${rawKey}/v1/models`, { headers: bearer }));
    await fetch(`${url}/${rawKey}`, { headers: { 'user-agent': `pasted ${rawKey}` } });
    await keep(await mara.get(`/me/ai-keys/${rawKey}/reveal`));
    await ada.get(`/admin/ai/keys?q=${rawKey}`);
    await ada.get(`/admin/audit?key=${rawKey}&actor=${rawKey}`);
    await ada.query('audit.list', { key: rawKey.slice(0, 30) });
    await ada.get(`/admin/ai/service-accounts?q=${rawKey}`);
    await ada.mutate('serviceAccounts.issueKey', { ...service, ...ask, purpose: `replaces ${rawKey}` });
    await ada.mutate('serviceAccounts.update', { ...service, name: rawKey, purpose: `holds ${rawKey}` });
    await ada.mutate('keys.findByRawKey', { rawKey: `found in a log: ${rawKey}` });
    await mara.mutate('auth.signIn', { email: `${rawKey}@example.com`, password: rawKey });
  }
  const [first = '', second = ''] = rawKeys;
  await mara.mutate('keys.request', { ...ask, environment: 'staging', purpose: `replaces ${first}` });
  await ada.mutate('keys.revoke', { keyId: issued.key.id, reason: `found ${first} in a paste` });
  await mara.mutate('keys.revoke', { keyId: pending.key.id, reason: `lost ${second}` });
  await ada.mutate('keys.revoke', { keyId: issued.key.id, reason: 'found in a paste' });
  await ada.mutate('keys.revoke', { keyId: ofService.key.id, reason: `found ${ofService.rawKey} in a log` });
  await keep(await fetch(`${url}/verify/acme`, { headers: { authorization: `Bearer ${first}` } }));
  await keep(await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } }));
  await keep(await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}x` } }));
  for (const path of ['/me/ai-keys', '/me/account']) await keep(await mara.get(path));
  for (const path of [
    '/admin/audit',
    '/admin/ai/keys',
    '/admin/ai/service-accounts',
    itsPage,
    `${itsPage}/issue-key`,
    '/admin/ai/tools/acme',
    '/admin/users',
    '/admin/ai/pending-keys',
  ])
    await keep(await ada.get(path));
}

it('no log line, response, database file or command output contains a secret at LOG_LEVEL=trace', async () => {
  const server = await startServer({ settings: { LOG_LEVEL: 'trace', METRICS_TOKEN } });
  onTestFinished(server.removeData);
  const secrets = new Secrets();
  const masterKey = readFileSync(join(server.dataDir, 'master.key'), 'utf8').trim();
  const answers = await useEverything(server, secrets);
  secrets.add('metrics token', METRICS_TOKEN);
  secrets.add('master key', masterKey);
  secrets.add('master key in hexadecimal', Buffer.from(masterKey, 'base64').toString('hex'));

  const found: string[] = [];
  const look = (where: string, text: string | Buffer) =>
    found.push(...secrets.within(text).map((what) => `${what} in ${where}`));
  for (const [path, answer] of answers) look(`the response of ${path}`, answer);
  // The write-ahead log while the server runs, and the database file afterwards.
  for (const [name, content] of dataFiles(server.dataDir)) look(name, name === 'master.key' ? '' : content);
  await server.stop();
  for (const [name, content] of dataFiles(server.dataDir)) look(name, name === 'master.key' ? '' : content);
  const log = server.output();
  // The console prints the setup link on purpose; it isn't part of the log.
  const printed = log.split('\n').filter((line) => line.startsWith('Create the first admin at'));
  expect(printed).toHaveLength(1);
  look('the log', log.replace(printed[0] ?? '', ''));
  const exported = await runCommand(['audit', 'verify'], { DATA_DIR: server.dataDir });
  look('a command', exported.stdout + exported.stderr);

  expect(found).toEqual([]);
  expect(secrets.known.size).toBeGreaterThan(18);
  expect(log.split('\n').length).toBeGreaterThan(80);
}, 60_000);
