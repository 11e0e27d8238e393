import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandError } from '~/core/command-error';
import type { Terminal } from './command.server';

/** The process's own terminal, or what stands in its place. */
export function processTerminal(): Terminal {
  return {
    print: (line) => console.log(line),
    printError: (line) => console.error(line),
    env: process.env,
    readSecret: (question) => (process.stdin.isTTY ? askTwice(question) : firstLineOfInput()),
  };
}

/** Twice, since nobody sees what they type. */
async function askTwice(question: string): Promise<string> {
  const answer = await readHidden(question);
  if (answer !== '' && answer !== (await readHidden('Once more: ')))
    throw new CommandError('The two were not the same. Nothing was changed.');
  return answer;
}

/** Asks a person, and shows nothing of what is typed. */
async function readHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const dark = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: dark, terminal: true });
  // Ctrl-C, which the terminal hands over as a key while lines are edited.
  lines.once('SIGINT', () => process.exit(130));
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Piped in, by a script. Empty when nothing is. */
async function firstLineOfInput(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close').then(() => [''])]);
    return String(line);
  } finally {
    lines.close();
  }
}
