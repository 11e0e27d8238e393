import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { z } from 'zod';
import { sessionCookieName } from '~/auth/session-store.server';
import type { Config } from '~/core/config.server';
import { type ErrorReason, errorCatalogue } from '~/core/error-catalogue';
import { err } from '~/core/result';
import { version } from '../../package.json';
import { apiGuide } from './api-guide';
import { toTrpcError } from './errors.server';
import type { ProcedureMeta } from './procedures.server';
import { appRouter } from './router.server';

interface Procedure {
  _def: { type: 'query' | 'mutation' | 'subscription'; meta: ProcedureMeta; inputs: z.ZodType[] };
}

const ROLES = { public: 'anyone', member: 'signed-in users', admin: 'admins' };

/**
 * An OpenAPI 3.1 description of the API as it is served: tRPC over HTTP. Generated from the router, its zod schemas
 * and the error catalogue. docs/api.md is generated from this document.
 */
export function openApiDocument({ origin, secure }: Pick<Config, 'origin' | 'secure'>) {
  const procedures: Record<string, unknown> = appRouter._def.procedures;
  return {
    openapi: '3.1.1',
    info: { title: 'My AI Keys API', version, description: apiGuide(origin) },
    servers: [{ url: origin }],
    paths: Object.fromEntries(
      Object.entries(procedures)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, procedure]) => [`/api/trpc/${name}`, pathItem(name, procedure as Procedure)]),
    ),
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: sessionCookieName({ secure }) } },
      responses: {
        Error: {
          description: 'The call failed.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
      schemas: { Error: errorSchema(), ErrorReason: { oneOf: errorReasons() } },
    },
  };
}

function pathItem(name: string, { _def: { type, meta, inputs } }: Procedure) {
  const { role, summary } = meta;
  const operation = {
    operationId: name,
    tags: [name.split('.')[0]],
    summary,
    description: `For ${ROLES[role]}.`,
    'x-role': role,
    security: role === 'public' ? [] : [{ session: [] }],
    responses: { 200: successResponse(type), default: { $ref: '#/components/responses/Error' } },
  };
  const [input] = inputs;
  // A void input means that the call takes none.
  if (input === undefined || input instanceof z.ZodVoid) {
    return type === 'mutation' ? { post: operation } : { get: operation };
  }
  const required = !input.safeParse(undefined).success;
  const { $schema: _dialect, ...schema } = z.toJSONSchema(input, { io: 'input' });
  const content = { 'application/json': { schema } };
  if (type === 'mutation') return { post: { ...operation, requestBody: { required, content } } };
  return { get: { ...operation, parameters: [{ name: 'input', in: 'query', required, content }] } };
}

function successResponse(type: Procedure['_def']['type']) {
  if (type === 'subscription') {
    return { description: 'A stream of server-sent events.', content: { 'text/event-stream': {} } };
  }
  const result = { type: 'object', properties: { data: { description: 'What the procedure returns.' } } };
  const schema = { type: 'object', required: ['result'], properties: { result } };
  return { description: 'The call succeeded.', content: { 'application/json': { schema } } };
}

function errorSchema() {
  const data = {
    type: 'object',
    required: ['code', 'httpStatus', 'reason', 'fields'],
    properties: {
      code: { type: 'string', description: "tRPC's name for the status." },
      httpStatus: { type: 'integer' },
      path: { type: 'string', description: 'The procedure.' },
      reason: { $ref: '#/components/schemas/ErrorReason' },
      fields: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'Messages by field path, for invalid-input.',
      },
    },
  };
  const error = {
    type: 'object',
    required: ['message', 'code', 'data'],
    properties: {
      message: { type: 'string', description: 'For people. May change.' },
      code: { type: 'integer', description: 'A JSON-RPC 2.0 error code.' },
      data,
    },
  };
  return { type: 'object', required: ['error'], properties: { error } };
}

/** Each reason with its HTTP status and message. */
function errorReasons() {
  // Messages with placeholders, such as "{email} already has an account."
  const placeholders = new Proxy<Record<string, string>>({}, { get: (_, name) => `{${String(name)}}` });
  const expected = Object.entries(errorCatalogue).map(([reason, { message }]) => {
    const status = getHTTPStatusCodeFromError(toTrpcError(err(reason as ErrorReason)));
    return { const: reason, title: String(status), description: message(placeholders) };
  });
  return [
    ...expected,
    { const: 'internal', title: '500', description: 'The server failed. Nothing was changed; try again.' },
  ];
}
