import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '~/api/openapi.server';
import { errorCatalogue } from '~/core/error-catalogue';
import { type Company, createCompany } from '../helpers/company';
import { inputOf, operationsOf, renderMarkdown } from './api-markdown';
import { calls } from './procedure-table';

let company: Company;

beforeAll(async () => {
  company = await createCompany();
}, 60_000);

afterAll(() => company.remove());

const document = openApiDocument({ origin: 'https://keys.example.com', secure: true });

describe('the OpenAPI document', () => {
  const operations = operationsOf(document);

  it('describes every procedure with its method, role and summary', () => {
    const described = operations.map(({ operationId, method, 'x-role': role }) => [
      operationId,
      method,
      role,
    ]);
    const expected = Object.entries(calls).map(([name, { type, role }]) => [
      name,
      type === 'mutation' ? 'post' : 'get',
      role,
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
