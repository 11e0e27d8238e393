import {
  type ClientSnippet,
  codex,
  curl,
  environmentSettings,
  python,
  type SnippetContext,
  type SnippetTool,
  shellClient,
  typescript,
  type Variables,
} from './client-snippet-parts';
import { findPreset } from './presets';
import { literal, shellWord } from './shell-quote';

/**
 * How each client is pointed at a tool: the one source of the reveal and of `docs/clients.md`. Pure, and
 * evaluated in the browser, where the raw key is.
 *
 * @param origin the server's public address, no trailing slash.
 * @param key the raw key, or what stands for it.
 */
export function clientSnippets({
  origin,
  tool,
  key,
}: {
  origin: string;
  tool: SnippetTool;
  key: string;
}): ClientSnippet[] {
  const gatewayUrl = `${origin}/gateway/${tool.slug}`;
  const preset = findPreset(tool.preset);
  const facts: SnippetContext = {
    tool,
    key,
    gatewayUrl,
    baseUrl: gatewayUrl + tool.clientPath,
    model: preset?.chatModel,
  };
  if (tool.dialect === 'anthropic') return anthropicSettings(facts);
  if (tool.dialect === 'gemini') return geminiSettings(facts);
  // Azure's dialect is generic for its credential's header; what its clients speak is OpenAI's.
  if (tool.dialect === 'openai' || tool.preset === 'azure-openai') return openaiSettings(facts);
  return genericSettings(facts);
}

function openaiSettings(facts: SnippetContext): ClientSnippet[] {
  const { key, baseUrl, model, tool } = facts;
  const variables: Variables = [
    ['OPENAI_BASE_URL', baseUrl],
    ['OPENAI_API_KEY', key],
  ];
  const chat = `model=${literal(model ?? '')}, messages=[{"role": "user", "content": "Hello"}]`;
  const settings = [
    ...environmentSettings(variables),
    curl(facts, `Authorization: Bearer ${key}`),
    python([
      '# pip install openai',
      'from openai import OpenAI',
      '',
      `client = OpenAI(base_url=${literal(baseUrl)}, api_key=${literal(key)})`,
      ...(model === undefined
        ? ['for model in client.models.list():', '    print(model.id)']
        : [`answer = client.chat.completions.create(${chat})`, 'print(answer.choices[0].message.content)']),
    ]),
    typescript([
      '// npm install openai',
      'import OpenAI from "openai";',
      '',
      `const client = new OpenAI({ baseURL: ${literal(baseUrl)}, apiKey: ${literal(key)} });`,
      ...(model === undefined
        ? ['for await (const model of client.models.list()) console.log(model.id);']
        : [
            'const answer = await client.chat.completions.create({',
            `  model: ${literal(model)},`,
            '  messages: [{ role: "user", content: "Hello" }],',
            '});',
            'console.log(answer.choices[0]?.message.content);',
          ]),
    ]),
    shellClient(
      'aider',
      'aider',
      [
        ['OPENAI_API_BASE', baseUrl],
        ['OPENAI_API_KEY', key],
      ],
      `aider --model ${shellWord(`openai/${model ?? 'MODEL'}`)}${model === undefined ? '  # a model of this tool' : ''}`,
    ),
  ];
  if (findPreset(tool.preset)?.speaksResponses) settings.push(codex(facts));
  return settings;
}

function anthropicSettings(facts: SnippetContext): ClientSnippet[] {
  const { key, baseUrl } = facts;
  return [
    ...environmentSettings([
      ['ANTHROPIC_BASE_URL', baseUrl],
      ['ANTHROPIC_API_KEY', key],
    ]),
    curl(facts, `x-api-key: ${key}`, 'anthropic-version: 2023-06-01'),
    python([
      '# pip install anthropic',
      'from anthropic import Anthropic',
      '',
      `client = Anthropic(base_url=${literal(baseUrl)}, api_key=${literal(key)})`,
      'for model in client.models.list():',
      '    print(model.id)',
    ]),
    typescript([
      '// npm install @anthropic-ai/sdk',
      'import Anthropic from "@anthropic-ai/sdk";',
      '',
      `const client = new Anthropic({ baseURL: ${literal(baseUrl)}, apiKey: ${literal(key)} });`,
      'for await (const model of client.models.list()) console.log(model.id);',
    ]),
    shellClient(
      'claude-code',
      'Claude Code',
      [
        ['ANTHROPIC_BASE_URL', baseUrl],
        ['ANTHROPIC_AUTH_TOKEN', key],
      ],
      'unset ANTHROPIC_API_KEY',
      'claude',
    ),
  ];
}

function geminiSettings(facts: SnippetContext): ClientSnippet[] {
  const { key, baseUrl } = facts;
  const variables: Variables = [
    ['GOOGLE_GEMINI_BASE_URL', baseUrl],
    ['GEMINI_API_KEY', key],
  ];
  return [
    ...environmentSettings(
      variables,
      '# Where GOOGLE_API_KEY is set, it wins over GEMINI_API_KEY: remove it.',
    ),
    curl(facts, `x-goog-api-key: ${key}`),
    python([
      '# pip install google-genai',
      'from google import genai',
      'from google.genai.types import HttpOptions',
      '',
      `client = genai.Client(api_key=${literal(key)}, http_options=HttpOptions(base_url=${literal(baseUrl)}))`,
      'for model in client.models.list():',
      '    print(model.name)',
    ]),
    typescript([
      '// npm install @google/genai',
      'import { GoogleGenAI } from "@google/genai";',
      '',
      `const client = new GoogleGenAI({ apiKey: ${literal(key)}, httpOptions: { baseUrl: ${literal(baseUrl)} } });`,
      'for await (const model of await client.models.list()) console.log(model.name);',
    ]),
    shellClient('gemini-cli', 'Gemini CLI', variables, 'gemini'),
  ];
}

/** Nothing is known of the clients of a custom API, but where it is and in which header the key may come. */
function genericSettings(facts: SnippetContext): ClientSnippet[] {
  const { tool, key, gatewayUrl } = facts;
  const named = tool.credentialHeader?.toLowerCase();
  const header =
    named === 'x-api-key' || named === 'api-key' || named === 'x-goog-api-key'
      ? `${named}: ${key}`
      : `Authorization: Bearer ${key}`;
  return [
    curl(facts, header),
    { id: 'header', label: 'Header', language: 'http', text: `# Base URL: ${gatewayUrl}\n${header}` },
  ];
}
