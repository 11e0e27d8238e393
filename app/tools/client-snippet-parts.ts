import { dotenvValue, literal, powershellString, shellWord } from './shell-quote';
import type { ToolForMember } from './tools.schema';

/** What the settings need to know about a tool. */
export type SnippetTool = Pick<
  ToolForMember,
  'slug' | 'displayName' | 'dialect' | 'preset' | 'clientPath' | 'modelsPath' | 'credentialHeader'
>;

/** One client's settings, ready to paste. Every `text` holds the key. */
export interface ClientSnippet {
  id: string;
  /** The client's name, as a tab says it. */
  label: string;
  language: 'sh' | 'powershell' | 'dotenv' | 'python' | 'ts' | 'toml' | 'http';
  text: string;
}

/** What every part of the settings is made of. */
export interface SnippetContext {
  tool: SnippetTool;
  key: string;
  /** `<origin>/gateway/<slug>`, where every call of the tool begins. */
  gatewayUrl: string;
  /** What clients call the base URL. */
  baseUrl: string;
  /** A model that the tool is known to have, for a sample that talks; else the sample lists the models. */
  model: string | undefined;
}

/** Environment variables, in the order in which they are shown. */
export type Variables = [name: string, value: string][];

/** The same variables for a POSIX shell, for PowerShell and as a file. */
export function environmentSettings(variables: Variables, ...notes: string[]): ClientSnippet[] {
  const lines = (line: (name: string, value: string) => string) =>
    [...notes, ...variables.map(([name, value]) => line(name, value))].join('\n');
  return [
    {
      id: 'shell',
      label: 'Shell',
      language: 'sh',
      text: lines((name, value) => `export ${name}=${shellWord(value)}`),
    },
    {
      id: 'powershell',
      label: 'PowerShell',
      language: 'powershell',
      text: lines((name, value) => `$env:${name} = ${powershellString(value)}`),
    },
    {
      id: 'env',
      label: '.env',
      language: 'dotenv',
      text: lines((name, value) => `${name}=${dotenvValue(value)}`),
    },
  ];
}

/** One line that answers: a greeting where a model is known, else the list of models. */
export function curl(
  { gatewayUrl, baseUrl, model, tool }: SnippetContext,
  ...headers: string[]
): ClientSnippet {
  const url = model === undefined ? gatewayUrl + tool.modelsPath : `${baseUrl}/chat/completions`;
  const words = ['curl', shellWord(url), ...headers.flatMap((header) => ['-H', shellWord(header)])];
  if (model !== undefined) {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
    words.push('-H', shellWord('Content-Type: application/json'), '-d', shellWord(body));
  }
  return { id: 'curl', label: 'curl', language: 'sh', text: words.join(' ') };
}

/** A provider under a name of our own: Codex keeps those of its built-in ones, `openai` among them, to itself. */
export function codex({ tool, key, baseUrl, model }: SnippetContext): ClientSnippet {
  const provider = `my-ai-keys-${tool.slug}`;
  const text = [
    '# ~/.codex/config.toml',
    `model_provider = ${literal(provider)}`,
    ...(model === undefined ? [] : [`model = ${literal(model)}`]),
    '',
    `[model_providers.${provider}]`,
    `name = ${literal(tool.displayName)}`,
    `base_url = ${literal(baseUrl)}`,
    'env_key = "OPENAI_API_KEY"',
    'wire_api = "responses"',
    '',
    `# In the shell that starts Codex: export OPENAI_API_KEY=${shellWord(key)}`,
  ];
  return { id: 'codex', label: 'Codex', language: 'toml', text: text.join('\n') };
}

/** A program of the shell: what it reads from the environment, and the commands that start it. */
export function shellClient(
  id: string,
  label: string,
  variables: Variables,
  ...commands: string[]
): ClientSnippet {
  const exported = variables.map(([name, value]) => `export ${name}=${shellWord(value)}`);
  return { id, label, language: 'sh', text: [...exported, ...commands].join('\n') };
}

export const python = (lines: string[]): ClientSnippet => ({
  id: 'python',
  label: 'Python',
  language: 'python',
  text: lines.join('\n'),
});

export const typescript = (lines: string[]): ClientSnippet => ({
  id: 'typescript',
  label: 'TypeScript',
  language: 'ts',
  text: lines.join('\n'),
});
