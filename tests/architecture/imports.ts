import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One import: the file it stands in and the file it names, both relative to the project's root. */
export interface Import {
  from: string;
  to: string;
}

/** Every import between files of `app/` and `db/`: static, dynamic, re-exports and type-only ones. */
export function readImports(): Import[] {
  const files = ['app', 'db'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .filter((name) => /\.(ts|tsx|mjs|cjs)$/.test(name)),
  );
  const known = new Set(files);
  return files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8'), known));
}

/** The imports of one file. `known` lists the project's files; what is not among them is left out. */
export function importsOf(file: string, text: string, known: ReadonlySet<string>): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const specifiers: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      specifiers.push((node.moduleSpecifier as ts.StringLiteral).text);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      specifiers.push((node.argument.literal as ts.StringLiteral).text);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [target] = node.arguments;
      if (target && ts.isStringLiteral(target)) specifiers.push(target.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return specifiers.flatMap((specifier) => {
    const to = resolve(file, specifier, known);
    return to === null ? [] : [{ from: file, to }];
  });
}

const ENDINGS = ['', '.ts', '.tsx', '.mjs', '.cjs', '/index.ts'];

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | null {
  const path = specifier.replace(/^~db\//, 'db/').replace(/^~\//, 'app/');
  const base = path.startsWith('.') ? posix.join(dirname(from), path) : path;
  return ENDINGS.map((ending) => base + ending).find((candidate) => known.has(candidate)) ?? null;
}
