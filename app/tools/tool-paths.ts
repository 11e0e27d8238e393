import type { Dialect } from '~db/schema/enums';
import { findPreset } from './presets';

interface Upstream {
  dialect: Dialect;
  preset: string | null;
  upstreamUrl: string | null;
}

/**
 * The end of a client's base URL, after `/gateway/<slug>`. OpenAI-style clients append `/chat/completions` and expect the
 * version in their base URL, so this is the part of the provider's base URL that the upstream URL leaves out: `/v1` for
 * `https://api.openai.com`, nothing for `https://gateway.example/v1`. Anthropic's and Google's clients append the version.
 */
export function clientPath(tool: Upstream): string {
  const presetPath = pathFromPreset(tool, 'clientPath');
  if (presetPath !== null) return presetPath;
  return tool.dialect === 'openai' && !endsInVersion(tool) ? '/v1' : '';
}

/** The path of the model list, after `/gateway/<slug>` and after the upstream URL. It is the cheapest call. */
export function modelsPath(tool: Upstream): string {
  const presetPath = pathFromPreset(tool, 'modelsPath');
  if (presetPath !== null) return presetPath;
  if (tool.dialect === 'generic') return '';
  if (endsInVersion(tool)) return '/models';
  return tool.dialect === 'gemini' ? '/v1beta/models' : '/v1/models';
}

/**
 * The preset's path without the part that is already in the tool's upstream URL, which an admin may have made longer or
 * shorter than the preset's. Null when the URL's path isn't the beginning of the preset's.
 */
function pathFromPreset(tool: Upstream, field: 'clientPath' | 'modelsPath'): string | null {
  const preset = findPreset(tool.preset);
  if (preset === undefined || preset.dialect !== tool.dialect) return null;
  const presetPath = pathOf(preset.upstreamUrl) + preset[field];
  const toolPath = pathOf(tool.upstreamUrl);
  const isBeginning = presetPath === toolPath || presetPath.startsWith(`${toolPath}/`);
  return isBeginning ? presetPath.slice(toolPath.length) : null;
}

/** Such as `/v1` or `/v1beta`. */
const endsInVersion = ({ upstreamUrl }: Upstream): boolean => /\/v\d+[a-z0-9]*$/.test(pathOf(upstreamUrl));

function pathOf(url: string | null): string {
  return url !== null && URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : '';
}
