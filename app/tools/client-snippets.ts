import {
  type ClientSnippet,
  codex,
  curl,
  environmentSnippets,
  python,
  type SnippetContext,
  type SnippetTool,
  shellClient,
  typescript,
  type Variables,
} from './client-snippet-parts';
import { findPreset } from './presets';
import { shellWord, stringLiteral } from './shell-quote';

/**
 * Settings for each client of a tool, for the reveal modal and `docs/clients.md`. Pure: the reveal modal calls it in the
 * browser.
 *
 * @param origin the server's public address, without a trailing slash.
 * @param key the raw key or a placeholder.
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
  const context: SnippetContext = {
    tool,
    key,
    gatewayUrl,
    baseUrl: gatewayUrl + tool.clientPath,
    model: preset?.chatModel,
  };
  if (tool.dialect === 'anthropic') return anthropicSnippets(context);
  if (tool.dialect === 'gemini') return geminiSnippets(context);
  // Azure needs the generic dialect for its credential header, but its clients are OpenAI's.
  if (tool.dialect === 'openai' || tool.preset === 'azure-openai') return openaiSnippets(context);
  return genericSnippets(context);
}

function openaiSnippets(context: SnippetContext): ClientSnippet[] {
  const { key, baseUrl, model, tool } = context;
  const variables: Variables = [
    ['OPENAI_BASE_URL', baseUrl],
    ['OPENAI_API_KEY', key],
  ];
  const chat = `model=${stringLiteral(model ?? '')}, messages=[{"role": "user", "content": "Hello"}]`;
  const snippets = [
    ...environmentSnippets(variables),
    curl(context, `Authorization: Bearer ${key}`),
    python([
      '# pip install openai',
      'from openai import OpenAI',
      '',
      `client = OpenAI(base_url=${stringLiteral(baseUrl)}, api_key=${stringLiteral(key)})`,
      ...(model === undefined
        ? ['for model in client.models.list():', '    print(model.id)']
        : [
            `completion = client.chat.completions.create(${chat})`,
            'print(completion.choices[0].message.content)',
          ]),
    ]),
    typescript([
      '// npm install openai',
      'import OpenAI from "openai";',
      '',
      `const client = new OpenAI({ baseURL: ${stringLiteral(baseUrl)}, apiKey: ${stringLiteral(key)} });`,
      ...(model === undefined
        ? ['for await (const model of client.models.list()) console.log(model.id);']
        : [
            'const completion = await client.chat.completions.create({',
            `  model: ${stringLiteral(model)},`,
            '  messages: [{ role: "user", content: "Hello" }],',
            '});',
            'console.log(completion.choices[0]?.message.content);',
          ]),
    ]),
    shellClient(
      'aider',
      'aider',
      [
        ['OPENAI_API_BASE', baseUrl],
        ['OPENAI_API_KEY', key],
      ],
      `aider --model ${shellWord(`openai/${model ?? 'MODEL'}`)}${model === undefined ? '  # choose a model of this tool' : ''}`,
    ),
  ];
  if (findPreset(tool.preset)?.supportsResponses) snippets.push(codex(context));
  return snippets;
}

function anthropicSnippets(context: SnippetContext): ClientSnippet[] {
  const { key, baseUrl } = context;
  return [
    ...environmentSnippets([
      ['ANTHROPIC_BASE_URL', baseUrl],
      ['ANTHROPIC_API_KEY', key],
    ]),
    curl(context, `x-api-key: ${key}`, 'anthropic-version: 2023-06-01'),
    python([
      '# pip install anthropic',
      'from anthropic import Anthropic',
      '',
      `client = Anthropic(base_url=${stringLiteral(baseUrl)}, api_key=${stringLiteral(key)})`,
      'for model in client.models.list():',
      '    print(model.id)',
    ]),
    typescript([
      '// npm install @anthropic-ai/sdk',
      'import Anthropic from "@anthropic-ai/sdk";',
      '',
      `const client = new Anthropic({ baseURL: ${stringLiteral(baseUrl)}, apiKey: ${stringLiteral(key)} });`,
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

function geminiSnippets(context: SnippetContext): ClientSnippet[] {
  const { key, baseUrl } = context;
  const variables: Variables = [
    ['GOOGLE_GEMINI_BASE_URL', baseUrl],
    ['GEMINI_API_KEY', key],
  ];
  return [
    ...environmentSnippets(variables, '# Unset GOOGLE_API_KEY if it is set: it overrides GEMINI_API_KEY.'),
    curl(context, `x-goog-api-key: ${key}`),
    python([
      '# pip install google-genai',
      'from google import genai',
      'from google.genai.types import HttpOptions',
      '',
      `client = genai.Client(api_key=${stringLiteral(key)}, http_options=HttpOptions(base_url=${stringLiteral(baseUrl)}))`,
      'for model in client.models.list():',
      '    print(model.name)',
    ]),
    typescript([
      '// npm install @google/genai',
      'import { GoogleGenAI } from "@google/genai";',
      '',
      `const client = new GoogleGenAI({ apiKey: ${stringLiteral(key)}, httpOptions: { baseUrl: ${stringLiteral(baseUrl)} } });`,
      'for await (const model of await client.models.list()) console.log(model.name);',
    ]),
    shellClient('gemini-cli', 'Gemini CLI', variables, 'gemini'),
  ];
}

/** The clients of a custom API are unknown: only its URL and the key's header are. */
function genericSnippets(context: SnippetContext): ClientSnippet[] {
  const { tool, key, gatewayUrl } = context;
  const custom = tool.credentialHeader?.toLowerCase();
  const header =
    custom === 'x-api-key' || custom === 'api-key' || custom === 'x-goog-api-key'
      ? `${custom}: ${key}`
      : `Authorization: Bearer ${key}`;
  return [
    curl(context, header),
    { id: 'header', label: 'Header', language: 'http', text: `# Base URL: ${gatewayUrl}\n${header}` },
  ];
}
