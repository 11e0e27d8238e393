import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandError } from '~/core/command-error';
import type { Terminal } from './command.server';

/** The terminal or pipes of this process. */
export function processTerminal(): Terminal {
  return {
    print: (line) => console.log(line),
    printError: (line) => console.error(line),
    env: process.env,
    readSecret: (prompt) => (process.stdin.isTTY ? readHiddenTwice(prompt) : readFirstLine()),
  };
}

/** Twice, because typing errors are invisible. */
async function readHiddenTwice(prompt: string): Promise<string> {
  const answer = await readHidden(prompt);
  if (answer !== '' && answer !== (await readHidden('Repeat: ')))
    throw new CommandError("The two entries don't match. Nothing was changed.");
  return answer;
}

async function readHidden(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const noEcho = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: noEcho, terminal: true });
  // While a line is edited, Ctrl-C arrives as a key press.
  lines.once('SIGINT', () => process.exit(130));
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Returns an empty string if standard input is empty. */
async function readFirstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close').then(() => [''])]);
    return String(line);
  } finally {
    lines.close();
  }
}
