import type { Dialect } from '~db/schema/enums';
import { findPreset } from './presets';

interface Upstream {
  dialect: Dialect;
  preset: string | null;
  upstreamUrl: string | null;
}

/**
 * What a client's base URL ends in below `/gateway/<slug>`. OpenAI-style clients bring `/chat/completions` and
 * expect the version in their base URL, so it is what the upstream URL leaves out of the provider's full one:
 * `/v1` for `https://api.openai.com`, nothing for `https://gateway.example/v1`. Anthropic's and Google's clients
 * bring the version themselves.
 */
export function clientPath(tool: Upstream): string {
  const known = fromPreset(tool, 'clientPath');
  if (known !== null) return known;
  return tool.dialect === 'openai' && !hasVersion(tool) ? '/v1' : '';
}

/** Where the list of models is below `/gateway/<slug>`, and below the upstream URL: the cheapest call there is. */
export function modelsPath(tool: Upstream): string {
  const known = fromPreset(tool, 'modelsPath');
  if (known !== null) return known;
  if (tool.dialect === 'generic') return '';
  if (hasVersion(tool)) return '/models';
  return tool.dialect === 'gemini' ? '/v1beta/models' : '/v1/models';
}

/**
 * The preset's path, less what of it the admin has put into the upstream URL, which may hold more or less of
 * the path than the preset's own; null where the two have nothing to do with each other.
 */
function fromPreset(tool: Upstream, which: 'clientPath' | 'modelsPath'): string | null {
  const preset = findPreset(tool.preset);
  if (preset === undefined || preset.dialect !== tool.dialect) return null;
  const full = pathOf(preset.upstreamUrl) + preset[which];
  const held = pathOf(tool.upstreamUrl);
  if (full === held || full.startsWith(`${held}/`)) return full.slice(held.length);
  return null;
}

/** Whether the upstream URL ends in a version, such as `/v1` or `/v1beta`. */
const hasVersion = ({ upstreamUrl }: Upstream): boolean => /\/v\d+[a-z0-9]*$/.test(pathOf(upstreamUrl));

function pathOf(url: string | null): string {
  return url !== null && URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : '';
}
