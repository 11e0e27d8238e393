import type { openApiDocument } from '~/api/openapi.server';

type Document = ReturnType<typeof openApiDocument>;

interface JsonSchema {
  type?: string;
  enum?: string[];
  const?: string;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

interface Content {
  required: boolean;
  content: { 'application/json': { schema: JsonSchema } };
}

interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  'x-role': string;
  parameters?: Content[];
  requestBody?: Content;
}

/** The operations of the document, each with its HTTP method. */
export function operationsOf({ paths }: Document): (Operation & { method: string })[] {
  return Object.values(paths).flatMap((path) =>
    Object.entries(path).map(([method, operation]) => ({ ...(operation as unknown as Operation), method })),
  );
}

/** The input of an operation, wherever it is sent; undefined if it takes none. */
export const inputOf = ({ parameters, requestBody }: Operation) => parameters?.[0] ?? requestBody;

/** docs/api.md, from the OpenAPI document. */
export function renderMarkdown(document: Document): string {
  const operations = operationsOf(document);
  const tags = [...new Set(operations.flatMap(({ tags }) => tags))];
  const sections = tags.map((tag) => {
    const rows = operations.filter(({ tags: [first] }) => first === tag).map(operationRow);
    return [`### ${tag}`, table(['Procedure', 'For', 'Input', 'Description'], rows)].join('\n\n');
  });
  const errors = document.components.schemas.ErrorReason.oneOf.map(
    ({ const: reason, title, description }) => [`\`${reason}\``, title, description],
  );
  return `${[
    '# HTTP API',
    '<!-- Generated from the router by `npm run docs:api`. Do not edit. -->',
    document.info.description,
    'In these messages, `{…}` stands for a value.',
    table(['`data.reason`', 'Status', 'Message'], errors),
    '## Procedures',
    'Signed-in users can download this list with the full JSON Schema of each input (lengths, patterns) as an OpenAPI 3.1\ndocument: `GET /api/openapi.json`. In the input column, `?` marks what can be omitted.',
    ...sections,
  ].join('\n\n')}\n`;
}

function operationRow(operation: Operation & { method: string }): string[] {
  const input = inputOf(operation);
  const schema = input?.content['application/json'].schema;
  const text = schema === undefined ? '' : `\`${typeText(schema)}\`${input?.required ? '' : ' ?'}`;
  const name = `\`${operation.method.toUpperCase()} ${operation.operationId}\``;
  return [name, operation['x-role'], text, operation.summary];
}

/** A schema in TypeScript's notation. */
function typeText(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' | ');
  if (schema.const !== undefined) return `"${schema.const}"`;
  // The audit actions are too many for a table cell.
  if (schema.enum)
    return schema.enum.length > 20 ? 'string' : schema.enum.map((value) => `"${value}"`).join(' | ');
  if (schema.items) return `${typeText(schema.items)}[]`;
  if (schema.properties === undefined) return schema.type ?? 'unknown';
  const fields = Object.entries(schema.properties).map(
    ([name, field]) => `${name}${schema.required?.includes(name) ? '' : '?'}: ${typeText(field)}`,
  );
  return `{ ${fields.join(', ')} }`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
