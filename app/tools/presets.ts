import type { Dialect } from '~db/schema/enums';

/** What the catalogue knows about a provider, so that adding one is a matter of pasting a credential. */
export interface Preset {
  id: string;
  displayName: string;
  /** The slug that is proposed; an admin may choose another. */
  slug: string;
  dialect: Dialect;
  /** What `/gateway/<slug>` stands for, without a trailing slash. Null: the server answers itself. */
  upstreamUrl: string | null;
  /** True where the proposed URL has a part in capitals that the admin must fill in. */
  upstreamIncomplete?: true;
  /** Where OpenAI-style clients find the API below `/gateway/<slug>`: their base URL ends in it. */
  clientPath: string;
  /** The cheapest call below the upstream URL that fails without a good credential: the model list, mostly. */
  modelsPath: string;
  /** False where what `modelsPath` answers is a list of something else. */
  listsModels: boolean;
  /** A model for a first call, where the provider has no OpenAI-style list of models below `clientPath`. */
  chatModel?: string;
  /** True where `/responses` is known to work, which Codex calls. */
  speaksResponses?: true;
  needsCredential: boolean;
  /** The header that carries the credential; for the `generic` dialect only. */
  credentialHeader: string | null;
}

type Differences = Pick<Preset, 'id' | 'displayName' | 'upstreamUrl'> & Partial<Preset>;

/** Most providers follow OpenAI: its gateway format below `/v1`, a Bearer credential, `/v1/models`. */
const preset = (differences: Differences): Preset => ({
  slug: differences.id,
  dialect: 'openai',
  clientPath: '/v1',
  modelsPath: '/v1/models',
  listsModels: true,
  needsCredential: true,
  credentialHeader: null,
  ...differences,
});

/**
 * Every provider that can be added with one click, in the order in which they are offered. Upstreams stop
 * ahead of the version, so that every call a provider's own client can make has its place below the slug.
 */
export const presets: readonly Preset[] = [
  preset({
    id: 'openai',
    displayName: 'OpenAI',
    upstreamUrl: 'https://api.openai.com',
    speaksResponses: true,
  }),
  preset({
    id: 'anthropic',
    displayName: 'Anthropic',
    dialect: 'anthropic',
    upstreamUrl: 'https://api.anthropic.com',
    clientPath: '',
  }),
  preset({
    id: 'gemini',
    displayName: 'Google Gemini',
    dialect: 'gemini',
    upstreamUrl: 'https://generativelanguage.googleapis.com',
    clientPath: '',
    modelsPath: '/v1beta/models',
  }),
  preset({ id: 'mistral', displayName: 'Mistral', upstreamUrl: 'https://api.mistral.ai' }),
  preset({
    id: 'groq',
    displayName: 'Groq',
    upstreamUrl: 'https://api.groq.com',
    clientPath: '/openai/v1',
    modelsPath: '/openai/v1/models',
  }),
  preset({ id: 'deepseek', displayName: 'DeepSeek', upstreamUrl: 'https://api.deepseek.com' }),
  preset({ id: 'xai', displayName: 'xAI', upstreamUrl: 'https://api.x.ai' }),
  preset({
    id: 'cohere',
    displayName: 'Cohere',
    upstreamUrl: 'https://api.cohere.ai',
    clientPath: '/compatibility/v1',
    chatModel: 'command-a-03-2025',
  }),
  preset({
    id: 'openrouter',
    displayName: 'OpenRouter',
    upstreamUrl: 'https://openrouter.ai/api',
    // `/v1/models` answers anybody, so it would prove nothing.
    modelsPath: '/v1/models/user',
  }),
  preset({
    id: 'together',
    displayName: 'Together AI',
    upstreamUrl: 'https://api.together.xyz',
    chatModel: 'openai/gpt-oss-20b',
  }),
  preset({
    id: 'perplexity',
    displayName: 'Perplexity',
    upstreamUrl: 'https://api.perplexity.ai',
    clientPath: '',
    // There is no model list that asks for a credential; the list of one's queued calls does.
    modelsPath: '/async/chat/completions',
    listsModels: false,
    chatModel: 'sonar',
  }),
  preset({
    id: 'azure-openai',
    displayName: 'Azure OpenAI',
    // Only its newest paths take a Bearer credential; all of them take this header.
    dialect: 'generic',
    credentialHeader: 'api-key',
    upstreamUrl: 'https://YOUR-RESOURCE.openai.azure.com',
    upstreamIncomplete: true,
    clientPath: '/openai/v1',
    modelsPath: '/openai/v1/models',
    speaksResponses: true,
  }),
  preset({
    id: 'ollama',
    displayName: 'Ollama',
    upstreamUrl: 'http://127.0.0.1:11434',
    needsCredential: false,
  }),
];

/** The tool that the server answers itself: of use in the first minute, with no account anywhere. */
export const ECHO: Preset = preset({
  id: 'echo',
  displayName: 'Echo',
  upstreamUrl: null,
  needsCredential: false,
  chatModel: 'echo',
  speaksResponses: true,
});

/** The preset with this id, the built-in one too; undefined for a custom tool's null. */
export function findPreset(id: string | null): Preset | undefined {
  return id === ECHO.id ? ECHO : presets.find((known) => known.id === id);
}

/** What a new server's catalogue holds, and which of them ask an admin before a production key. */
export const FIRST_TOOLS: readonly { preset: Preset; requiresApproval: boolean }[] = [
  ...['openai', 'anthropic', 'gemini', 'mistral'].map((id) => {
    const known = presets.find((candidate) => candidate.id === id);
    if (known === undefined) throw new Error(`no preset is called ${id}`);
    return { preset: known, requiresApproval: true };
  }),
  { preset: ECHO, requiresApproval: false },
];
