import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Methods of Drizzle that work with SQLite only. The first four run a query synchronously; `transaction` commits at
 * the first `await` of its callback.
 */
const SQLITE_ONLY = new Set(['get', 'all', 'run', 'sync', 'transaction']);

interface Call {
  method: string;
  /** Such as `app/users/users.server.ts:12 .get`. */
  location: string;
}

/** Calls in app/ and db/ of methods whose object has a type from drizzle-orm. */
function drizzleCalls(): Call[] {
  const { config } = ts.readConfigFile(`${ROOT}/tsconfig.json`, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const sources = fileNames.filter((name) => /^(app|db)\//.test(relative(ROOT, name)));
  const program = ts.createProgram(sources, options);
  const checker = program.getTypeChecker();
  const calls: Call[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression, name } = node.expression;
      if (isDrizzleType(checker.getTypeAtLocation(expression))) {
        const file = node.getSourceFile();
        const line = file.getLineAndCharacterOfPosition(name.getStart()).line + 1;
        calls.push({ method: name.text, location: `${relative(ROOT, file.fileName)}:${line} .${name.text}` });
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const name of sources) {
    const source = program.getSourceFile(name);
    if (source !== undefined) visit(source);
  }
  return calls;
}

function isDrizzleType(type: ts.Type): boolean {
  const members = type.isUnion() ? type.types : [];
  const symbols = [type.aliasSymbol, ...[type, ...members].map((member) => member.getSymbol())];
  return symbols.some((symbol) =>
    symbol?.declarations?.some((node) =>
      node.getSourceFile().fileName.includes('/node_modules/drizzle-orm/'),
    ),
  );
}

it('queries are awaited builders, and no transaction is Drizzle’s own', () => {
  const calls = drizzleCalls();
  expect(calls.filter(({ method }) => method === 'where').length).toBeGreaterThan(50);
  const forbidden = calls.filter(({ method }) => SQLITE_ONLY.has(method));
  expect(forbidden.map(({ location }) => location)).toEqual([]);
}, 180_000);
