import type { Dialect } from '~db/schema/words';
import { findPreset } from './presets';

/**
 * What a client's base URL ends in below `/wire/<slug>`. OpenAI-style clients bring `/chat/completions` and
 * expect the version in their base URL, so it is what the upstream URL leaves out of the provider's full one:
 * `/v1` for `https://api.openai.com`, nothing for `https://gateway.example/v1`. Anthropic's and Google's clients
 * bring the version themselves.
 */
export function clientPath(tool: {
  dialect: Dialect;
  preset: string | null;
  upstreamUrl: string | null;
}): string {
  const preset = findPreset(tool.preset);
  if (tool.dialect === 'anthropic' || tool.dialect === 'gemini') return '';
  const upstreamPath = pathOf(tool.upstreamUrl);
  if (preset !== undefined) {
    const fullPath = pathOf(preset.upstreamUrl) + preset.clientPath;
    // An admin may have put more or less of the path into the upstream URL than the preset does.
    if (fullPath.startsWith(upstreamPath)) return fullPath.slice(upstreamPath.length);
  }
  if (tool.dialect === 'generic') return '';
  return /\/v\d+[a-z0-9]*$/.test(upstreamPath) ? '' : '/v1';
}

function pathOf(url: string | null): string {
  return url !== null && URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : '';
}
