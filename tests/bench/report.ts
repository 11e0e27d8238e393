import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { findProgram } from '../helpers/programs.mjs';
import type { Row } from './bench';
import manifest from './package.json';

const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);
const MARKS = ['<!-- printed by npm run bench -- --write -->', '<!-- until here -->'] as const;

/** The machine and everything's version, before the first measurement. */
export function conditions(): string[] {
  const [cpu] = cpus();
  const nginx = versionOf('nginx', '-v', /nginx\/(\S+)/);
  const wrk = versionOf('wrk', '-v', /wrk (\S+)/);
  const portkey = manifest.dependencies['@portkey-ai/gateway'];
  return [
    `- Machine: ${cpus().length} cores (${cpu?.model}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB, ${type()} ${release()}`,
    `- Node ${process.versions.node}, nginx ${nginx}, wrk ${wrk}, Portkey’s gateway ${portkey}`,
    `- Load of the machine before the run: ${loadavg()[0]?.toFixed(1)}`,
  ];
}

/** The conditions and the table, as Markdown. */
export function printed(rows: readonly Row[], before: readonly string[]): string {
  const verdict = ({ met }: Row) => (met === null ? '–' : met ? 'yes' : '**no**');
  const lines = rows.map((row) => `| ${row.what} | ${row.mustReach} | ${row.reached} | ${verdict(row)} |`);
  return [...before, '', '| what | must reach | reached | met |', '| --- | --- | --- | --- |', ...lines].join(
    '\n',
  );
}

/** Puts the report in the place of the last one in docs/performance.md. */
export function writeDown(report: string): void {
  const [from, to] = MARKS;
  const text = readFileSync(DOCUMENT, 'utf8');
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start === -1 || end < start) throw new Error('docs/performance.md has lost its marks');
  writeFileSync(DOCUMENT, `${text.slice(0, start + from.length)}\n\n${report}\n\n${text.slice(end)}`);
}

function versionOf(program: 'nginx' | 'wrk', flag: string, pattern: RegExp): string {
  const path = findProgram(program);
  if (path === null) return 'missing';
  const { stdout, stderr } = spawnSync(path, [flag], { encoding: 'utf8' });
  return pattern.exec(stdout + stderr)?.[1] ?? 'unknown';
}
