import { dotenvValue, powershellString, shellWord, stringLiteral } from './shell-quote';
import type { ToolForMember } from './tools.schema';

export type SnippetTool = Pick<
  ToolForMember,
  'slug' | 'displayName' | 'dialect' | 'preset' | 'clientPath' | 'modelsPath' | 'credentialHeader'
>;

/** Settings for one client, ready to paste. Every `text` contains the key. */
export interface ClientSnippet {
  id: string;
  /** The tab's label. */
  label: string;
  language: 'sh' | 'powershell' | 'dotenv' | 'python' | 'ts' | 'toml' | 'http';
  text: string;
}

export interface SnippetContext {
  tool: SnippetTool;
  key: string;
  /** `<origin>/gateway/<slug>`. */
  gatewayUrl: string;
  /** `gatewayUrl` and the tool's `clientPath`. */
  baseUrl: string;
  /** A model for a sample chat. Undefined: the sample lists the models instead. */
  model: string | undefined;
}

export type Variables = [name: string, value: string][];

/** The same variables for a POSIX shell, for PowerShell and as a `.env` file. */
export function environmentSnippets(variables: Variables, ...notes: string[]): ClientSnippet[] {
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

/** A curl command that chats, or lists the models. */
export function curl(
  { gatewayUrl, baseUrl, model, tool }: SnippetContext,
  ...headers: string[]
): ClientSnippet {
  const url = model === undefined ? gatewayUrl + tool.modelsPath : `${baseUrl}/chat/completions`;
  const args = ['curl', shellWord(url), ...headers.flatMap((header) => ['-H', shellWord(header)])];
  if (model !== undefined) {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
    args.push('-H', shellWord('Content-Type: application/json'), '-d', shellWord(body));
  }
  return { id: 'curl', label: 'curl', language: 'sh', text: args.join(' ') };
}

/** Codex reserves the names of its built-in providers, such as `openai`, so this one gets its own. */
export function codex({ tool, key, baseUrl, model }: SnippetContext): ClientSnippet {
  const provider = `my-ai-keys-${tool.slug}`;
  const text = [
    '# ~/.codex/config.toml',
    `model_provider = ${stringLiteral(provider)}`,
    ...(model === undefined ? [] : [`model = ${stringLiteral(model)}`]),
    '',
    `[model_providers.${provider}]`,
    `name = ${stringLiteral(tool.displayName)}`,
    `base_url = ${stringLiteral(baseUrl)}`,
    'env_key = "OPENAI_API_KEY"',
    'wire_api = "responses"',
    '',
    `# In the shell that starts Codex: export OPENAI_API_KEY=${shellWord(key)}`,
  ];
  return { id: 'codex', label: 'Codex', language: 'toml', text: text.join('\n') };
}

/** A command-line client: its environment variables, and the commands that start it. */
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
