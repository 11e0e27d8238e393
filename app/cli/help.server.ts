import { stripVTControlCharacters } from 'node:util';
import { type ArgsDef, type CommandDef, type CommandMeta, renderUsage } from 'citty';
import { settingNames } from '~/core/config.server';

/** A definition as ours are: spelled out, nothing of it to be waited for. */
interface Plain {
  meta?: CommandMeta;
  args?: ArgsDef;
  subCommands?: Record<string, CommandDef>;
}

/** What a command takes, which commands are below it, or of `root` all that there are. */
export async function helpText(definition: CommandDef, root: CommandDef): Promise<string> {
  if (definition === root) return listAll(root);
  return stripVTControlCharacters(await renderUsage(definition, root)).trimEnd();
}

/** Every command with all the words that lead to it, and where settings come from. */
function listAll(root: CommandDef): string {
  const { name, description } = (root as Plain).meta ?? {};
  const lines = linesOf(root, []);
  const width = Math.max(...lines.map(([words]) => words.length));
  return [
    `${description}`,
    '',
    `USAGE ${name} [COMMAND]`,
    '',
    ...lines.map(([words, does]) => `  ${words.padEnd(width)}  ${does}`),
    '',
    `${name} COMMAND --help says which options a command has. Settings are environment variables:`,
    `${settingNames.join(', ')}.`,
  ].join('\n');
}

function linesOf(definition: CommandDef, path: string[]): [words: string, does: string][] {
  const { meta, args = {}, subCommands } = definition as Plain;
  if (subCommands !== undefined)
    return Object.entries(subCommands).flatMap(([word, below]) => linesOf(below, [...path, word]));
  const positionals = Object.keys(args).filter((name) => args[name]?.type === 'positional');
  return [[[...path, ...positionals.map((name) => `<${name}>`)].join(' '), meta?.description ?? '']];
}
