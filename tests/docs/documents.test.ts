import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');

interface Manifest {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
}
const manifest = JSON.parse(read('package.json')) as Manifest;

describe('the documents', () => {
  it('list every setting that the server reads', () => {
    const settings = [...read('app', 'core', 'config.server.ts').matchAll(/^ {4}([A-Z][A-Z_]+): /gm)].map(
      ([, name]) => name,
    );
    expect(settings.length).toBeGreaterThan(8);
    const readme = read('README.md');
    expect(settings.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it('give a reason for exactly the current dependencies', () => {
    const [file] = readdirSync(join(ROOT, 'docs', 'decisions')).filter((name) =>
      name.includes('dependencies'),
    );
    const named = [...read('docs', 'decisions', String(file)).matchAll(/^\| `([^`]+)`/gm)].map(
      ([, name]) => name,
    );
    expect(named.sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it('mention service accounts wherever their key prefix is named', () => {
    const paragraphs = markdownFiles().flatMap((file) =>
      read(file)
        .split(/\n\n|\n- /)
        .filter((text) => /`ais_/.test(text)),
    );
    expect(paragraphs.length).toBeGreaterThan(2);
    expect(paragraphs.filter((text) => !/service account/i.test(text))).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const texts = markdownFiles()
      .map((file) => read(file))
      .join('\n');
    const named = [...texts.matchAll(/npm run ([a-z][a-z:-]*)/g)].map(([, name]) => String(name));
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it('name only commands of the server that exist', async () => {
    const named = markdownFiles().flatMap((file) =>
      [...read(file).matchAll(/(?:^|`|&& )(?:my-ai-keys|npm run cli --) ([a-z-]+(?: [a-z-]+)?)/gm)].map(
        ([, words]) => String(words),
      ),
    );
    expect(named.length).toBeGreaterThan(15);
    const { out } = await runCli(['help'], ROOT);
    const commands = [...out.matchAll(/^ {2}([a-z-]+(?: [a-z-]+)?) /gm)].map(([, words]) => String(words));
    const exists = (words: string) =>
      commands.includes(words) || commands.includes(words.split(' ')[0] ?? '');
    expect(named.filter((words) => !exists(words))).toEqual([]);
  });

  it('name only files and functions that exist, in the architecture', () => {
    const names = [
      ...read('docs', 'architecture.md')
        .replaceAll(/```[\s\S]*?```/g, '')
        .matchAll(/`([^`\n]+)`/g),
    ].map(([, name]) => String(name));
    const sources = ['app', 'db'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.tsx?$/.test(name))
        .map((name) => read(folder, name)),
    );
    const paths = names.filter((name) => /^[\w./-]+(\/|\.tsx?)$/.test(name));
    const functions = names.filter((name) => /^[a-z]+[A-Z]\w+$/.test(name));
    expect([paths.length > 15, functions.length > 5]).toEqual([true, true]);
    const exists = (path: string) =>
      ['', 'app', 'tests'].some((folder) => existsSync(join(ROOT, folder, path)));
    expect(paths.filter((path) => !exists(path))).toEqual([]);
    const defined = (name: string) =>
      sources.some((text) => new RegExp(`\\b(function|const) ${name}\\b`).test(text));
    expect(functions.filter((name) => !defined(name))).toEqual([]);
  });

  it('link only to files that exist', () => {
    const broken = markdownFiles().flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, target]) => join(dirname(join(ROOT, file)), String(target)))
        .filter((target) => !existsSync(target)),
    );
    expect(broken).toEqual([]);
  });
});

function markdownFiles(): string[] {
  const documents = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const inDocs = documents.filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
  return ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...inDocs];
}

describe('the lock file', () => {
  interface Locked {
    packages: Record<
      string,
      { version?: string; resolved?: string; optionalDependencies?: Record<string, string> }
    >;
  }
  const { packages } = JSON.parse(read('package-lock.json')) as Locked;

  it('names the optional packages of every platform, which `npm ci` needs', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry, so that npm’s setting decides', () => {
    expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([]);
  });

  /** Resolves like Node: next to the package first, then in each parent folder. */
  function isLocked(from: string, name: string): boolean {
    for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
      if (`${folder}${folder === '' ? '' : '/'}node_modules/${name}` in packages) return true;
      if (folder === '') return false;
      if (!folder.includes('/node_modules/')) folder = '';
    }
  }
});
