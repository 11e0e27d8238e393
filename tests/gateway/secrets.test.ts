import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { mintRawKey } from '~/crypto/key-format.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { callerAs, temporaryFolder } from '../helpers/app';
import { addCredential, addKey, addTool, CREDENTIAL } from '../helpers/factories';
import { serveBytes, serveGateway, serveRecorder } from './harness';

test('neither the log at level trace nor the database contains a secret after all kinds of calls', async () => {
  const folder = temporaryFolder();
  const config = readConfig({ DATA_DIR: folder, LOG_LEVEL: 'trace' });
  let log = '';
  const app = await createApp(
    config,
    createLogger(config, {
      write(line: string) {
        log += line;
      },
    }),
  );
  onTestFinished(() => closeApp(app));
  const upstream = await serveRecorder((_, response) => response.end('ok'));
  const breaks = await serveBytes((socket) => socket.once('data', () => socket.resetAndDestroy()));
  const { origin, gateway } = await serveGateway(app);

  const secrets: string[] = [CREDENTIAL];
  for (const [slug, upstreamUrl] of [
    ['acme', upstream.origin],
    ['breaks', breaks],
    ['closed', 'http://127.0.0.1:9'],
  ] as const) {
    const tool = await addTool(app, { slug, upstreamUrl });
    await addCredential(app, tool.id);
    const key = await addKey(app, tool.id);
    secrets.push(key.rawKey, mintRawKey('production').rawKey);
    for (const rawKey of secrets.slice(-2)) {
      for (const path of [
        `/gateway/${slug}/v1/x`,
        `/gateway/${slug}/${rawKey}/../x`,
        `/verify/${slug}`,
        `/gateway/${rawKey}/x`,
      ]) {
        const headers = {
          authorization: `Bearer ${rawKey}`,
          cookie: `session=${rawKey}`,
          'user-agent': `tool ${rawKey}`,
        };
        await fetch(`${origin}${path}?key=${rawKey}`, {
          method: 'POST',
          headers,
          body: `{"key":"${rawKey}"}`,
        });
        await fetch(`${origin}${path}`, { method: 'POST', headers, body: rawKey.repeat(2_000) });
      }
    }
    await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
    await fetch(`${origin}/gateway/${slug}/v1/x`, { headers: { 'x-api-key': key.rawKey } });
  }
  await gateway.close();

  expect(log).toContain('"gateway request"');
  expect(log).toContain('"reason":"upstream-unreachable"');
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'));
  for (const secret of secrets) {
    // No part of it, except for the display prefix.
    for (const text of [log, ...files]) expect(text.includes(secret.slice(-20))).toBe(false);
  }
});
