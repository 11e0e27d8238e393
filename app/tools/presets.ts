import type { Dialect } from '~db/schema/enums';

/** What is known about a provider, so that adding its tool only takes a credential. */
export interface Preset {
  id: string;
  displayName: string;
  /** A suggestion; an admin can choose another slug. */
  slug: string;
  dialect: Dialect;
  /** Where calls to `/gateway/<slug>` are sent, without a trailing slash. Null for the built-in tool. */
  upstreamUrl: string | null;
  /** The URL has a part in capitals that the admin must replace. */
  upstreamIncomplete?: true;
  /** The end of a client's base URL, after `/gateway/<slug>`. */
  clientPath: string;
  /** The cheapest call that fails without a valid credential, usually the model list; appended to the upstream URL. */
  modelsPath: string;
  /** False where `modelsPath` returns something other than models. */
  listsModels: boolean;
  /** A model for the sample call, where the provider has no OpenAI-style model list at `clientPath`. */
  chatModel?: string;
  /** `/responses` is known to work. Codex needs it. */
  supportsResponses?: true;
  needsCredential: boolean;
  /** For the `generic` dialect: the header that carries the credential upstream. */
  credentialHeader: string | null;
}

type PresetFields = Pick<Preset, 'id' | 'displayName' | 'upstreamUrl'> & Partial<Preset>;

/** The defaults fit most providers, which copy OpenAI's API. */
const preset = (fields: PresetFields): Preset => ({
  slug: fields.id,
  dialect: 'openai',
  clientPath: '/v1',
  modelsPath: '/v1/models',
  listsModels: true,
  needsCredential: true,
  credentialHeader: null,
  ...fields,
});

/**
 * The providers to choose from, in this order. Upstream URLs end before the version, so that every path a provider's own
 * client calls can be forwarded.
 */
export const presets: readonly Preset[] = [
  preset({
    id: 'openai',
    displayName: 'OpenAI',
    upstreamUrl: 'https://api.openai.com',
    supportsResponses: true,
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
    // `/v1/models` needs no credential, so calling it would prove nothing.
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
    // No model list needs a credential. The list of queued calls does.
    modelsPath: '/async/chat/completions',
    listsModels: false,
    chatModel: 'sonar',
  }),
  preset({
    id: 'azure-openai',
    displayName: 'Azure OpenAI',
    // Only its newest paths accept a Bearer credential. All of them accept this header.
    dialect: 'generic',
    credentialHeader: 'api-key',
    upstreamUrl: 'https://YOUR-RESOURCE.openai.azure.com',
    upstreamIncomplete: true,
    clientPath: '/openai/v1',
    modelsPath: '/openai/v1/models',
    supportsResponses: true,
  }),
  preset({
    id: 'ollama',
    displayName: 'Ollama',
    upstreamUrl: 'http://127.0.0.1:11434',
    needsCredential: false,
  }),
];

/** The built-in tool, which needs no provider account. */
export const ECHO: Preset = preset({
  id: 'echo',
  displayName: 'Echo',
  upstreamUrl: null,
  needsCredential: false,
  chatModel: 'echo',
  supportsResponses: true,
});

/** The preset with this id, including Echo. Undefined for null: a custom tool. */
export function findPreset(id: string | null): Preset | undefined {
  return id === ECHO.id ? ECHO : presets.find((candidate) => candidate.id === id);
}
