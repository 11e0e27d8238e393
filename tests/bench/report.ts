import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { findProgram } from '../helpers/programs.mjs';
import type { Row } from './bench';
import manifest from './package.json';

const REPORT = new URL('../../.cache/reports/bench.md', import.meta.url);
const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);
const MARKS = ['<!-- written by npm run bench -- --write -->', '<!-- end -->'] as const;

/** Date, machine, versions and load, as lines of Markdown. Call it before the first measurement. */
export function describeMachine(): string[] {
  const [cpu] = cpus();
  const nginx = versionOf('nginx', '-v', /nginx\/(\S+)/);
  const wrk = versionOf('wrk', '-v', /wrk (\S+)/);
  const portkey = manifest.dependencies['@portkey-ai/gateway'];
  return [
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Machine: ${cpus().length} cores (${cpu?.model}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB, ${type()} ${release()}`,
    `- Node ${process.versions.node}, nginx ${nginx}, wrk ${wrk}, Portkey's gateway ${portkey}`,
    `- Load average before the run: ${loadavg()[0]?.toFixed(1)}`,
  ];
}

/** The machine and the table, as Markdown. */
export function formatReport(rows: readonly Row[], machine: readonly string[]): string {
  const lines = rows.map((row) => `| ${row.metric} | ${row.target} | ${row.measured} | ${verdict(row)} |`);
  const header = ['| metric | target | measured | met |', '| --- | --- | --- | --- |'];
  return [...machine, '', ...header, ...lines].join('\n');
}

function verdict({ met }: Row): string {
  if (met === null) return '–';
  return met ? 'yes' : '**no**';
}

/** Writes the report to .cache/reports/bench.md. */
export function writeReport(report: string): void {
  mkdirSync(new URL('.', REPORT), { recursive: true });
  writeFileSync(REPORT, `${report}\n`);
}

/** Replaces the last report in docs/performance.md. */
export function updateDocument(report: string): void {
  const [from, to] = MARKS;
  const text = readFileSync(DOCUMENT, 'utf8');
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start === -1 || end < start) throw new Error(`docs/performance.md needs ${from} and, after it, ${to}`);
  writeFileSync(DOCUMENT, `${text.slice(0, start + from.length)}\n\n${report}\n\n${text.slice(end)}`);
}

function versionOf(program: 'nginx' | 'wrk', flag: string, pattern: RegExp): string {
  const path = findProgram(program);
  if (path === null) return 'missing';
  const { stdout, stderr } = spawnSync(path, [flag], { encoding: 'utf8' });
  return pattern.exec(stdout + stderr)?.[1] ?? 'unknown';
}
