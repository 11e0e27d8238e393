import { RAW_KEY_PATTERN } from '~/crypto/key-format.server';
import type { ClientSnippet } from '~/tools/client-snippet-parts';
import { clientSnippets } from '~/tools/client-snippets';
import { ECHO, type Preset, presets } from '~/tools/presets';
import { clientPath, modelsPath } from '~/tools/tool-paths';

const ORIGIN = 'https://keys.example.com';
const KEY = 'YOUR_KEY';

/** The tools that are written out in full; the others differ from OpenAI's in their base URL only. */
const IN_FULL = ['openai', 'anthropic', 'gemini', 'echo'];

/** `docs/clients.md`, from the same source as the reveal. */
export function renderClientsDoc(): string {
  const all = [...presets, ECHO];
  const inFull = IN_FULL.flatMap((id) => all.find((preset) => preset.id === id) ?? []);
  const others = all.filter(({ id }) => !IN_FULL.includes(id));
  return [...introduction(), ...inFull.flatMap(section), ...otherTools(others), ...custom(), ''].join('\n');
}

function introduction(): string[] {
  return [
    '# Clients',
    '',
    'How programs are pointed at My AI Keys. The page that reveals a key shows the same, filled in. Below,',
    '`https://keys.example.com` stands for your server and `YOUR_KEY` for the key.',
    '',
    'A tool’s place is `<server>/gateway/<slug>`. Whatever follows goes to the provider as it is: path, query, headers',
    'and body; only the key is swapped for the provider’s credential. The key may come as `Authorization: Bearer`,',
    '`x-api-key`, `api-key`, `x-goog-api-key` or `?key=`: what the provider’s own client sends works.',
    '',
    '## The key',
    '',
    'A key looks like `aik_dev_…`, `aik_stg_…` or `aik_prod_…`; one of a service account has `ais_` in the place of',
    '`aik_`. Secret scanners find both by this regular expression; the last six characters are a checksum, so that a',
    'typo is told from a key without a look-up:',
    '',
    '```text',
    RAW_KEY_PATTERN.source.replace(/^\^|\$$/g, ''),
    '```',
    '',
    'A 401 or 403 comes in the error shape of the provider, so that its own SDK raises its own error. Every refusal',
    'carries a request id to ask an admin about, who finds those of 500 and above by it in the server’s log.',
    '',
    'Behind a proxy that asks the verify endpoint (`<server>/verify/<slug>`), only 200, 401 and 403 are about the key.',
    'With 500 or 503 from there nothing was decided: try again. [operating.md](operating.md) lists every status.',
    '',
  ];
}

const settingsOf = (preset: Preset): ClientSnippet[] => {
  const { slug, displayName, dialect, credentialHeader, upstreamUrl, id } = preset;
  const upstream = { dialect, preset: id, upstreamUrl };
  const paths = { clientPath: clientPath(upstream), modelsPath: modelsPath(upstream) };
  const tool = { slug, displayName, dialect, preset: id, credentialHeader, ...paths };
  return clientSnippets({ origin: ORIGIN, tool, key: KEY });
};

function section(preset: Preset): string[] {
  return [`## ${preset.displayName}`, '', ...settingsOf(preset).flatMap(snippet)];
}

const snippet = ({ label, language, text }: ClientSnippet): string[] => [
  `### ${label}`,
  '',
  `\`\`\`${language}`,
  text,
  '```',
  '',
];

function otherTools(others: Preset[]): string[] {
  const rows = others.map((preset) => {
    const { upstreamUrl, dialect, id, displayName, slug } = preset;
    const path = clientPath({ dialect, preset: id, upstreamUrl });
    return `| ${displayName} | \`${ORIGIN}/gateway/${slug}${path}\` |`;
  });
  const curls = others.flatMap((preset) => settingsOf(preset).filter(({ id }) => id === 'curl'));
  return [
    '## Other tools',
    '',
    'Their clients are OpenAI’s, with another base URL: put it where OpenAI’s stands above.',
    '',
    '| tool | base URL |',
    '| --- | --- |',
    ...rows,
    '',
    'Azure’s own client (`AzureOpenAI`) brings the path: its endpoint is',
    `\`${ORIGIN}/gateway/azure-openai\`, its API key \`${KEY}\`, and its API version whatever the deployment has.`,
    '',
    'A first call to each:',
    '',
    '```sh',
    ...curls.map(({ text }) => text),
    '```',
    '',
  ];
}

function custom(): string[] {
  const tool = {
    slug: 'internal',
    displayName: 'Internal',
    dialect: 'generic' as const,
    preset: null,
    clientPath: '',
    modelsPath: '',
    credentialHeader: 'x-internal-token',
  };
  return [
    '## Custom tools',
    '',
    'A custom tool in OpenAI’s dialect has `/v1` at the end of its base URL, unless its upstream URL ends in a',
    'version already. One in the generic dialect has whatever paths its upstream has:',
    '',
    '```sh',
    ...clientSnippets({ origin: ORIGIN, tool, key: KEY })
      .filter(({ id }) => id === 'curl')
      .map(({ text }) => text),
    '```',
  ];
}
