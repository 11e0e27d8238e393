import { stripVTControlCharacters } from 'node:util';
import { type ArgsDef, type CommandDef, type CommandMeta, renderUsage } from 'citty';
import { settingNames } from '~/core/config.server';

/** Citty also allows functions and promises here, which our commands don't use. */
interface Definition {
  meta?: CommandMeta;
  args?: ArgsDef;
  subCommands?: Record<string, CommandDef>;
}

/** The options and subcommands of a command; for `root`, a list of all commands. */
export async function helpText(definition: CommandDef, root: CommandDef): Promise<string> {
  if (definition === root) return listCommands(root);
  return stripVTControlCharacters(await renderUsage(definition, root)).trimEnd();
}

function listCommands(root: CommandDef): string {
  const { name, description } = (root as Definition).meta ?? {};
  const commands = collectCommands(root, []);
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return [
    `${description}`,
    '',
    `USAGE ${name} [COMMAND]`,
    '',
    ...commands.map(({ usage, description }) => `  ${usage.padEnd(width)}  ${description}`),
    '',
    `Run ${name} COMMAND --help for the options of a command. Settings are environment variables:`,
    `${settingNames.join(', ')}.`,
  ].join('\n');
}

function collectCommands(definition: CommandDef, path: string[]): { usage: string; description: string }[] {
  const { meta, args = {}, subCommands } = definition as Definition;
  if (subCommands !== undefined)
    return Object.entries(subCommands).flatMap(([name, subCommand]) =>
      collectCommands(subCommand, [...path, name]),
    );
  const positionals = Object.keys(args).filter((name) => args[name]?.type === 'positional');
  const usage = [...path, ...positionals.map((name) => `<${name}>`)].join(' ');
  return [{ usage, description: meta?.description ?? '' }];
}
