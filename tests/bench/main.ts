import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Row, runScenario, type Scenario } from './bench';
import { describeMachine, formatReport, updateDocument, writeReport } from './report';
import { aborts } from './scenarios/aborts';
import { bodies } from './scenarios/bodies';
import { browser } from './scenarios/browser';
import { growth } from './scenarios/growth';
import { audit, pages } from './scenarios/pages';
import { proxy } from './scenarios/proxy';
import { soak } from './scenarios/soak';
import { start } from './scenarios/start';
import { events, streams } from './scenarios/streams';
import { verify } from './scenarios/verify';

const SCENARIOS: Record<string, Scenario> = {
  verify,
  proxy,
  events,
  streams,
  bodies,
  growth,
  aborts,
  pages,
  audit,
  browser,
  start,
};

/** Runs the scenarios and prints a table. Returns the exit code: 0 when every target is met. */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      soak: { type: 'string' },
    },
  });
  const minutes = Number(values.soak ?? 0);
  if (Number.isNaN(minutes)) {
    console.error(`--soak takes a number of minutes, not "${values.soak}".`);
    return 2;
  }
  const scenarios: Record<string, Scenario> =
    minutes > 0 ? { soak: (bench) => soak(bench, minutes) } : SCENARIOS;
  const names = values.only?.split(',') ?? Object.keys(scenarios);
  const unknown = names.filter((name) => scenarios[name] === undefined);
  if (unknown.length > 0) {
    console.error(`No scenario ${unknown.join(', ')}. Choose from ${Object.keys(scenarios).join(', ')}.`);
    return 2;
  }
  if (values.write && (values.quick || values.only !== undefined || minutes > 0)) {
    console.error('--write needs a full run: leave out --quick, --only and --soak.');
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'my-ai-keys-bench-'));
  const rows: Row[] = [];
  const machine = describeMachine();
  try {
    for (const name of names) {
      const scenario = scenarios[name];
      if (scenario === undefined) continue;
      console.error(`${name}:`);
      rows.push(...(await runScenario(name, scenario, { folder, quick: values.quick })));
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const report = formatReport(rows, machine);
  console.log(report);
  writeReport(report);
  if (values.write) updateDocument(report);
  return rows.some(({ met }) => met === false) ? 1 : 0;
}

// `exit` handlers end the programs that were started; a signal alone would not run them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

// Exits explicitly: a program that was started may still keep the process alive.
process.exit(await main(process.argv.slice(2)));
