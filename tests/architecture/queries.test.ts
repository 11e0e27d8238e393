import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Drizzle's methods that run a query at once, and only with an engine that answers at once, as SQLite does. */
const AT_ONCE = ['get', 'all', 'run', 'sync'];

/** Every call of a method of Drizzle's own in app/ and db/, by what the compiler knows of the object. */
function callsOfDrizzle(): { method: string; place: string }[] {
  const { config } = ts.readConfigFile(`${ROOT}/tsconfig.json`, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const ours = fileNames.filter((name) => /^(app|db)\//.test(name.slice(ROOT.length).replace(/^\//, '')));
  const program = ts.createProgram(ours, options);
  const checker = program.getTypeChecker();
  const isOfDrizzle = (node: ts.Expression) => {
    const type = checker.getTypeAtLocation(node);
    const symbols = [
      type.getSymbol(),
      type.aliasSymbol,
      ...(type.isUnion() ? type.types.map((t) => t.getSymbol()) : []),
    ];
    return symbols.some((symbol) =>
      symbol?.declarations?.some((at) => at.getSourceFile().fileName.includes('/node_modules/drizzle-orm/')),
    );
  };
  return ours.flatMap((name) => {
    const source = program.getSourceFile(name);
    const file = name.slice(ROOT.length).replace(/^\//, '');
    const found: { method: string; place: string }[] = [];
    const visit = (node: ts.Node) => {
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { expression, name: method } = node.expression;
        if (isOfDrizzle(expression)) {
          const { line } = node.getSourceFile().getLineAndCharacterOfPosition(method.getStart());
          found.push({ method: method.text, place: `${file}:${line + 1} .${method.text}` });
        }
      }
      ts.forEachChild(node, visit);
    };
    if (source !== undefined) visit(source);
    return found;
  });
}

it('every query is an awaited builder, and no transaction is Drizzle’s own, which leaves it at the first `await`', () => {
  const calls = callsOfDrizzle();
  expect(calls.filter(({ method }) => method === 'where').length).toBeGreaterThan(50);
  const forbidden = calls.filter(({ method }) => method === 'transaction' || AT_ONCE.includes(method));
  expect(forbidden.map(({ place }) => place)).toEqual([]);
}, 180_000);
