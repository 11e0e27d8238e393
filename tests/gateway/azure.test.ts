import OpenAI, { AzureOpenAI } from 'openai';
import { beforeEach, expect, test, vi } from 'vitest';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addUser, CREDENTIAL, type IssuedKey } from '../helpers/factories';
import { type Recorded, serveGateway, serveRecorder } from './harness';

let key: IssuedKey;
let gatewayUrl: string;
let recorded: Recorded[];
let requests: () => number;
let revoke: () => Promise<unknown>;

/** Adds the tool from its preset, with a fake upstream. */
beforeEach(async () => {
  for (const name of Object.keys(process.env))
    if (/^(AZURE_)?OPENAI_/.test(name)) vi.stubEnv(name, undefined);
  const app = await testApp();
  const resource = await serveRecorder((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'gpt',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello!' }, finish_reason: 'stop' }],
      }),
    ),
  );
  recorded = resource.recorded;
  const admin = callerAs(app, (await addUser(app, 'admin')).id);
  const tool = await admin.tools.create({ preset: 'azure-openai', upstreamUrl: resource.origin });
  await admin.tools.setCredential({ tool: tool.slug, credential: CREDENTIAL });
  key = await addKey(app, tool.id);
  revoke = () => callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
  const served = await serveGateway(app);
  gatewayUrl = `${served.origin}/gateway/${tool.slug}`;
  requests = served.requests;
});

const ask = { model: 'gpt', messages: [{ role: 'user' as const, content: 'Hi' }] };

const CLIENTS: [name: string, make: () => OpenAI, url: string][] = [
  [
    'the AzureOpenAI client',
    () =>
      new AzureOpenAI({
        endpoint: gatewayUrl,
        apiKey: key.rawKey,
        apiVersion: '2024-10-21',
        deployment: 'd1',
      }),
    '/openai/deployments/d1/chat/completions?api-version=2024-10-21',
  ],
  [
    'the OpenAI client',
    () => new OpenAI({ baseURL: `${gatewayUrl}/openai/v1`, apiKey: key.rawKey }),
    '/openai/v1/chat/completions',
  ],
];

test.each(CLIENTS)(
  '%s reaches Azure OpenAI with the credential in the api-key header',
  async (_, make, url) => {
    const answer = await make().chat.completions.create(ask);
    expect(answer.choices[0]?.message.content).toBe('Hello!');
    expect(recorded.map((request) => request.url)).toEqual([url]);
    const { headers } = recorded[0] ?? {};
    expect(headers?.['api-key']).toBe(CREDENTIAL);
    expect(headers?.authorization).toBeUndefined();
    expect(JSON.stringify(recorded)).not.toContain(key.rawKey);
  },
);

test.each(CLIENTS)(
  '%s raises its authentication error for a revoked key, after one attempt',
  async (_, make) => {
    await revoke();
    const before = requests();
    const error = await make()
      .chat.completions.create(ask)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(String(error)).toContain('revoked');
    expect(requests() - before).toBe(1);
    expect(recorded).toEqual([]);
  },
);
