import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatHead } from '~/audit/audit.schema';
import { toExportLine } from '~/audit/read-export.server';
import { readHead } from '~/audit/record.server';
import { ConfigError } from '~/core/config.server';
import type { App } from '~/server/create-app.server';
import { version } from '../../package.json';
import { temporaryFolder, testApp } from '../helpers/app';
import { addAuditEntries, allAuditEntries, tamper } from '../helpers/audit';
import { runCli } from '../helpers/cli';

/** On the data directory of `app`, which stays open like that of a running server. */
const run = (args: string[], app: App | null = null, serve?: () => Promise<void>) =>
  runCli(args, app?.config.dataDir ?? temporaryFolder(), { serve });

async function createTrail() {
  const app = await testApp();
  await addAuditEntries(app, 10);
  const head = await readHead(app.db.read);
  const file = join(temporaryFolder(), 'export.ndjson');
  writeFileSync(file, (await allAuditEntries(app)).map(toExportLine).join(''));
  return { app, head, file };
}

describe('audit verify', () => {
  it('exits with 0 and prints the head while a server is running', async () => {
    const { app, head } = await createTrail();
    const { code, out, err } = await run(['audit', 'verify'], app);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`${head.seq} entries, head ${formatHead(head)}`);
  });

  it('exits with 1 and names the changed entry', async () => {
    const { app } = await createTrail();
    tamper(app, "update audit_entries set action = 'x' where seq = 7");
    const { code, out, err } = await run(['audit', 'verify'], app);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('The audit trail is broken. Entry 7 was changed');
    expect(err).toContain('Intact up to entry 6.');
  });

  it('checks a saved head', async () => {
    const { app, head } = await createTrail();
    const good = await run(['audit', 'verify', '--head', formatHead(head)], app);
    expect(good).toMatchObject({
      code: 0,
      out: expect.stringContaining(`It contains the saved head, entry ${head.seq}.`),
    });
    tamper(app, 'delete from audit_entries where seq = ?', head.seq);
    const bad = await run(['audit', 'verify', `--head=${formatHead(head)}`], app);
    expect(bad).toMatchObject({ code: 1, err: expect.stringContaining('the last entries were removed') });
  });

  it('verifies an exported file without a database', async () => {
    const { head, file } = await createTrail();
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
  it.each(damages)('finds %s in an exported file', async (_what, damage, message) => {
    const { file } = await createTrail();
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, damage(lines).join('\n'));
    const { code, err } = await run(['audit', 'verify', '--file', file]);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toContain('Intact up to entry');
  });

  it('hints at filters if entries are missing from an exported file', async () => {
    const { file } = await createTrail();
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
  it('prints only the number and hash of the last entry', async () => {
    const { app, head } = await createTrail();
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
  it.each([[[]], [['serve']]])('starts the server and does not exit: %j', async (args) => {
    let served = 0;
    expect(await run(args, null, async () => void served++)).toMatchObject({ code: null });
    expect(served).toBe(1);
  });

  it('exits with 1 and prints only the message if the server cannot start', async () => {
    const serve = () => Promise.reject(new ConfigError('PORT must be a port number.'));
    expect(await run(['serve'], null, serve)).toEqual({
      code: 1,
      out: '',
      err: 'PORT must be a port number.',
    });
  });

  it('prints the version', async () => {
    for (const args of [['version'], ['--version'], ['-v']])
      expect(await run(args)).toEqual({ code: 0, out: version, err: '' });
  });

  it('prints all commands, or the options of one, as help', async () => {
    for (const args of [['help'], ['--help'], ['-h']]) {
      const { code, out } = await run(args);
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
    [['nothing'], 'There is no command “nothing”.'],
    [['audit'], '“audit” needs a subcommand.'],
    [['audit', 'polish'], 'There is no command “polish”.'],
    [['constructor'], 'There is no command “constructor”.'],
    [['audit', 'verify', '--haed', '3:ab'], '“audit verify” has no option --haed.'],
    [['audit', 'verify', '--no-head'], 'A head has the form number:hash, with 64 hexadecimal digits.'],
    [['audit', 'verify', 'now'], '“audit verify” has no argument “now”.'],
    [['audit', 'verify', '--head', '12'], 'A head has the form number:hash, with 64 hexadecimal digits.'],
    [['audit', 'verify', '--head'], 'A head has the form number:hash, with 64 hexadecimal digits.'],
    [['audit', 'verify', '--file', '/nowhere/export.ndjson'], "Can't read /nowhere/export.ndjson (ENOENT)."],
    [['audit', 'verify', '--file', '/'], "Can't read / (EISDIR)."],
    [['serve', '--port', '80'], '“serve” has no option --port.'],
  ])('exits with 2 and names what is wrong: %j', async (args, message) => {
    const { code, out, err } = await run(args, await testApp());
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it.each([
    ['audit verify'],
    ['audit head'],
    ['backup backup.sqlite'],
    ['master-key rotate'],
    ['admin reset-password ada@example.com --generate'],
  ])('exits with 2 and creates nothing if there is no database: %s', async (command) => {
    const dataDir = temporaryFolder();
    const { code, err } = await runCli(command.split(' '), dataDir);
    expect([code, err]).toEqual([2, expect.stringMatching(/^There is no database at .+\. Set DATA_DIR/)]);
    expect(readdirSync(dataDir)).toEqual([]);
  });
});
