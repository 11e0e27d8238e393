import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One import. `from` is a file relative to the project's root, `to` another one or a package. */
export interface Import {
  from: string;
  to: string;
}

export interface Imports {
  files: Import[];
  packages: Import[];
}

/** Every import in `app/` and `db/`: static, dynamic, re-exports and type-only ones. */
export function readImports(): Imports {
  const paths = ['app', 'db'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .filter((name) => /\.(ts|tsx|mjs|cjs)$/.test(name)),
  );
  const known = new Set(paths);
  const imports = paths.map((path) => importsOf(path, readFileSync(join(ROOT, path), 'utf8'), known));
  return {
    files: imports.flatMap(({ files }) => files),
    packages: imports.flatMap(({ packages }) => packages),
  };
}

/** The imports of one file. `known` lists the project's files; imports of other files, such as JSON, are left out. */
export function importsOf(from: string, text: string, known: ReadonlySet<string>): Imports {
  const imports: Imports = { files: [], packages: [] };
  for (const specifier of specifiersOf(from, text)) {
    const path = specifier.replace(/^~db\//, 'db/').replace(/^~\//, 'app/');
    if (path === specifier && !path.startsWith('.')) imports.packages.push({ from, to: specifier });
    else {
      const to = resolve(path.startsWith('.') ? posix.join(dirname(from), path) : path, known);
      if (to !== undefined) imports.files.push({ from, to });
    }
  }
  return imports;
}

function specifiersOf(file: string, text: string): string[] {
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
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return specifiers;
}

const EXTENSIONS = ['', '.ts', '.tsx', '.mjs', '.cjs', '/index.ts'];

const resolve = (path: string, known: ReadonlySet<string>): string | undefined =>
  EXTENSIONS.map((extension) => path + extension).find((candidate) => known.has(candidate));
