import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatHead } from '~/audit/audit.schema';
import { toExportLine } from '~/audit/read-export.server';
import { readHead } from '~/audit/record.server';
import { runCommandLine } from '~/cli/run-cli.server';
import { ConfigError } from '~/core/config.server';
import type { App } from '~/server/create-app.server';
import { version } from '../../package.json';
import { temporaryFolder, testApp } from '../helpers/app';
import { addAuditEntries, allAuditEntries, tamper } from '../helpers/audit';

/** Runs the words on the data folder of `app`, which stays open, as a running server would have it. */
async function run(words: string[], app: App | null = null, program: { serve?: () => Promise<void> } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(
    words,
    {
      serve: program.serve ?? (() => Promise.reject(new Error('nothing was to be served'))),
      describeError: (error) => (error instanceof ConfigError ? error.message : null),
    },
    {
      print: (line) => out.push(line),
      printError: (line) => err.push(line),
      readSecret: () => Promise.reject(new Error('nothing was to be asked')),
      env: { DATA_DIR: app?.config.dataDir ?? temporaryFolder() },
    },
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function withTrail() {
  const app = await testApp();
  await addAuditEntries(app, 10);
  const head = await readHead(app.db.read);
  const file = join(temporaryFolder(), 'export.ndjson');
  writeFileSync(file, (await allAuditEntries(app)).map(toExportLine).join(''));
  return { app, head, file };
}

describe('audit verify', () => {
  it('ends with 0 and prints the head while another process holds the database open', async () => {
    const { app, head } = await withTrail();
    const { code, out, err } = await run(['audit', 'verify'], app);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`${head.seq} entries, head ${formatHead(head)}`);
  });

  it('ends with 1 and names the entry when one was changed', async () => {
    const { app } = await withTrail();
    tamper(app, "update audit_entries set action = 'x' where seq = 7");
    const { code, out, err } = await run(['audit', 'verify'], app);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('NOT as recorded. Entry 7 was changed');
    expect(err).toContain('Sound up to entry 6.');
  });

  it('checks against a head kept elsewhere', async () => {
    const { app, head } = await withTrail();
    const good = await run(['audit', 'verify', '--head', formatHead(head)], app);
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining(`entry ${head.seq} that was kept`) });
    tamper(app, 'delete from audit_entries where seq = ?', head.seq);
    const bad = await run(['audit', 'verify', `--head=${formatHead(head)}`], app);
    expect(bad).toMatchObject({ code: 1, err: expect.stringContaining('the last entries were removed') });
  });

  it('verifies an exported file, without any database', async () => {
    const { head, file } = await withTrail();
    expect(await run(['audit', 'verify', '--file', file])).toMatchObject({ code: 0 });
    expect(await run(['audit', 'verify', '--file', file, '--head', formatHead(head)])).toMatchObject({
      code: 0,
    });
    expect(
      await run(['audit', 'verify', '--file', file, '--head', `${head.seq + 1}:${head.hash}`]),
    ).toMatchObject({ code: 1, err: expect.stringContaining('were removed') });
  });

  const damages: [string, (lines: string[]) => string[], string][] = [
    [
      'a changed line',
      (lines) => lines.with(3, (lines[3] ?? '').replace(/"at":\d+/, '"at":1')),
      'Entry 4 was changed',
    ],
    ['a line left out', (lines) => lines.toSpliced(3, 1), 'Entry 4 was removed'],
    [
      'two lines exchanged',
      (lines) => lines.with(3, lines[4] ?? '').with(4, lines[3] ?? ''),
      'Entry 4 is in the wrong place, further on',
    ],
    [
      'a line twice',
      (lines) => lines.toSpliced(4, 0, lines[3] ?? ''),
      'Entry 4 is in the wrong place, after entry 4',
    ],
    [
      'a field added',
      (lines) => lines.with(3, (lines[3] ?? '').replace('{', '{"note":1,')),
      'Line 4 of the file is not an audit entry',
    ],
    [
      'a line cut off',
      (lines) => lines.with(3, (lines[3] ?? '').slice(0, 40)),
      'Line 4 of the file is not an audit entry',
    ],
  ];
  it.each(damages)('finds %s in an exported file', async (_what, damage, words) => {
    const { file } = await withTrail();
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, damage(lines).join('\n'));
    const { code, err } = await run(['audit', 'verify', '--file', file]);
    expect(code).toBe(1);
    expect(err).toContain(words);
    expect(err).toContain('Sound up to entry');
  });

  it('says of a file with gaps that it may have been exported with filters', async () => {
    const { file } = await withTrail();
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((_line, index) => index % 2)
        .join('\n'),
    );
    expect((await run(['audit', 'verify', '--file', file])).err).toContain('exported with filters');
  });
});

describe('audit head', () => {
  it('prints number and hash of the last entry, and nothing else', async () => {
    const { app, head } = await withTrail();
    expect(await run(['audit', 'head'], app)).toEqual({ code: 0, out: formatHead(head), err: '' });
  });
});

const COMMANDS = [
  'serve',
  'admin create <email>',
  'admin reset-password <email>',
  'audit verify',
  'audit head',
  'backup <file>',
  'restore <file>',
  'master-key rotate',
  'master-key forget',
  'doctor',
  'version',
  'help',
];

describe('the command line', () => {
  it.each([[[]], [['serve']]])('serves, and does not end, when given %j', async (words) => {
    let served = 0;
    expect(await run(words, null, { serve: async () => void served++ })).toMatchObject({ code: null });
    expect(served).toBe(1);
  });

  it('ends with 1 and one sentence when the server cannot start', async () => {
    const serve = () => Promise.reject(new ConfigError('PORT must be a port number.'));
    expect(await run(['serve'], null, { serve })).toEqual({
      code: 1,
      out: '',
      err: 'PORT must be a port number.',
    });
  });

  it('prints its version', async () => {
    for (const words of [['version'], ['--version'], ['-v']]) {
      expect(await run(words)).toEqual({ code: 0, out: version, err: '' });
    }
  });

  it('prints its commands, and a command’s options, when asked for help', async () => {
    for (const words of [['help'], ['--help'], ['-h']]) {
      const { code, out } = await run(words);
      expect(code).toBe(0);
      for (const name of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${name} {2,}[a-z]`, 'm'));
      expect(out.match(/^ {2}\w/gm)).toHaveLength(COMMANDS.length);
      for (const setting of ['PORT', 'DATA_DIR', 'MASTER_KEY_FILE']) expect(out).toContain(setting);
    }
    const { code, out } = await run(['audit', 'verify', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--head=<number:hash>');
    expect(out).toContain('--file=<export.ndjson>');
    expect(out).toContain('USAGE my-ai-keys audit verify');
  });

  it.each([
    [['nothing'], 'There is no command “nothing” here.'],
    [['audit'], '“audit” needs a command.'],
    [['audit', 'polish'], 'There is no command “polish” here.'],
    [['constructor'], 'There is no command “constructor” here.'],
    [['audit', 'verify', '--haed', '3:ab'], '“audit verify” has no option --haed.'],
    [['audit', 'verify', '--no-head'], 'A head has the form number:hash, with 64 hexadecimal digits.'],
    [['audit', 'verify', 'now'], '“audit verify” takes no “now”.'],
    [['audit', 'verify', '--head', '12'], 'A head has the form number:hash, with 64 hexadecimal digits.'],
    [['audit', 'verify', '--head'], 'A head has the form number:hash, with 64 hexadecimal digits.'],
    [['audit', 'verify', '--file', '/nowhere/export.ndjson'], 'cannot be read (ENOENT)'],
    [['audit', 'verify', '--file', '/'], 'cannot be read (EISDIR)'],
    [['serve', '--port', '80'], '“serve” has no option --port.'],
  ])('ends with 2 and says what it did not understand, given %j', async (words, sentence) => {
    const { code, out, err } = await run(words, await testApp());
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(sentence);
  });

  it('ends with 2 and makes nothing where there is no database', async () => {
    for (const words of [
      ['audit', 'verify'],
      ['audit', 'head'],
    ]) {
      const { code, err } = await run(words);
      expect(code).toBe(2);
      expect(err).toContain('There is no database at');
      expect(err).toContain('Set DATA_DIR');
    }
  });
});
