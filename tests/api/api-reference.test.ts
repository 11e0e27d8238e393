import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createContext } from '~/api/context.server';
import { openApiDocument } from '~/api/openapi.server';
import { OPENAPI_PATH, serveApi } from '~/api/serve-api.server';
import { errorCatalogue } from '~/core/error-catalogue';
import { TEST_ORIGIN } from '../helpers/app';
import { inputOf, operationsOf, renderMarkdown } from './api-markdown';
import { type Actor, type Company, foundCompany } from './company';
import { calls } from './procedure-table';

let company: Company;

beforeAll(async () => {
  company = await foundCompany();
}, 60_000);

afterAll(() => company.remove());

const document = openApiDocument({ origin: 'https://keys.example.com', secure: true });

describe('GET /api/openapi.json', () => {
  async function download(actor: Actor, method = 'GET') {
    const app = await company.open();
    const context = createContext(app, TEST_ORIGIN, company.cookies[actor], () => undefined);
    const request = new Request(`${app.config.origin}${OPENAPI_PATH}`, { method });
    return { app, response: await serveApi(request, context) };
  }

  it('returns the OpenAPI document of this server to members', async () => {
    const { app, response } = await download('mara');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(app.config))));
  });

  it('returns a 401 error in the shape of the API to anonymous callers', async () => {
    const { response } = await download('nobody');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { data: { reason: 'signed-out', httpStatus: 401 } },
    });
  });

  it('accepts no other method', async () => {
    expect((await download('mara', 'POST')).response.status).toBe(405);
  });
});

describe('the OpenAPI document', () => {
  const operations = operationsOf(document);

  it('describes every procedure with its method, role and summary', () => {
    const roles = { everybody: 'public', members: 'member', admins: 'admin' };
    const described = operations.map(({ operationId, method, 'x-role': role }) => [
      operationId,
      method,
      role,
    ]);
    const expected = Object.entries(calls).map(([name, { type, may }]) => [
      name,
      type === 'mutation' ? 'post' : 'get',
      roles[may],
    ]);
    expect(described.sort()).toEqual(expected.sort());
    for (const { operationId, summary } of operations) expect(summary, operationId).toMatch(/^[A-Z].*\.$/);
  });

  it.each(operations)('accepts the input of a successful $operationId call', (operation) => {
    const input = calls[operation.operationId]?.input?.(company);
    const described = inputOf(operation);
    if (input === undefined) expect(described?.required ?? false).toBe(false);
    else expect(accepts(described?.content['application/json'].schema, input)).toBe(true);
  });

  it('rejects input that the procedure would reject', () => {
    const schemaOf = (name: string) => {
      const operation = operations.find(({ operationId }) => operationId === name);
      return operation && inputOf(operation)?.content['application/json'].schema;
    };
    expect(accepts(schemaOf('keys.get'), { keyId: 'openai' })).toBe(false);
    expect(accepts(schemaOf('keys.request'), { tool: 'echo', environment: 'development' })).toBe(false);
    expect(accepts(schemaOf('users.setRole'), { userId: company.ids.mara, role: 'owner' })).toBe(false);
  });

  it('lists every error reason with its status and message', () => {
    const reasons = document.components.schemas.ErrorReason.oneOf;
    expect(reasons.map((reason) => reason.const)).toEqual([...Object.keys(errorCatalogue), 'internal']);
    expect(reasons).toContainEqual({
      const: 'email-taken',
      title: '409',
      description: '{email} already has an account.',
    });
  });

  it('is the source of docs/api.md, which `npm run docs:api` regenerates', async () => {
    await expect(renderMarkdown(document)).toMatchFileSnapshot('../../docs/api.md');
  });
});

/** Whether a JSON Schema accepts this input. */
function accepts(schema: unknown, input: unknown): boolean {
  // JSON Schema patterns are Unicode patterns, but zod compiles them without the flag that \p{…} needs.
  const text = JSON.stringify(schema).replaceAll(/(\\\\p\{\w+\})+/g, '\\\\n');
  return z.fromJSONSchema(JSON.parse(text)).safeParse(input).success;
}
