import { RAW_KEY_PATTERN } from '~/crypto/key-format.server';
import type { ClientSnippet } from '~/tools/client-snippet-parts';
import { clientSnippets } from '~/tools/client-snippets';
import { ECHO, type Preset, presets } from '~/tools/presets';
import { clientPath, modelsPath } from '~/tools/tool-paths';

const ORIGIN = 'https://keys.example.com';
const KEY = 'YOUR_KEY';

/** The other tools use OpenAI's settings with another base URL. */
const IN_FULL = ['openai', 'anthropic', 'gemini', 'echo'];

/** The text of `docs/clients.md`, from the snippets that the reveal modal shows. */
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
    'How to configure clients for My AI Keys. The page that reveals a key shows the same settings with your key in them.',
    'Here, replace `https://keys.example.com` with the address of your server and `YOUR_KEY` with your key.',
    '',
    'Calls to `<server>/gateway/<slug>` are forwarded to the tool’s provider: path, query, headers and body stay the same,',
    'and the provider’s credential replaces the key. Send the key the way the provider’s own client does: in',
    '`Authorization: Bearer`, `x-api-key`, `api-key`, `x-goog-api-key` or `?key=`.',
    '',
    '## The key',
    '',
    'A key starts with `aik_dev_`, `aik_stg_` or `aik_prod_`, or with `ais_` for a service account. The last six',
    'characters are a checksum, so a mistyped key is recognised without a lookup. For secret scanners:',
    '',
    '```text',
    RAW_KEY_PATTERN.source.replace(/^\^|\$$/g, ''),
    '```',
    '',
    '## Errors',
    '',
    'A 401 or 403 has the format of the provider’s errors, so its SDK raises its usual exception. Every error contains a',
    'request id. An admin can find errors with status 500 and above in the server’s log by this id.',
    '',
    'For a proxy that calls the verify endpoint (`<server>/verify/<slug>`): 200, 401 and 403 are decisions about the key.',
    '500 and 503 are not: try again. [operating.md](operating.md) lists every status.',
    '',
  ];
}

const snippetsOf = (preset: Preset): ClientSnippet[] => {
  const { slug, displayName, dialect, credentialHeader, upstreamUrl, id } = preset;
  const upstream = { dialect, preset: id, upstreamUrl };
  const paths = { clientPath: clientPath(upstream), modelsPath: modelsPath(upstream) };
  const tool = { slug, displayName, dialect, preset: id, credentialHeader, ...paths };
  return clientSnippets({ origin: ORIGIN, tool, key: KEY });
};

function section(preset: Preset): string[] {
  return [`## ${preset.displayName}`, '', ...snippetsOf(preset).flatMap(snippet)];
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
  const curls = others.flatMap((preset) => snippetsOf(preset).filter(({ id }) => id === 'curl'));
  return [
    '## Other tools',
    '',
    'Use the settings of OpenAI with this base URL:',
    '',
    '| tool | base URL |',
    '| --- | --- |',
    ...rows,
    '',
    `Azure’s own client (\`AzureOpenAI\`) adds the path itself. Use the endpoint \`${ORIGIN}/gateway/azure-openai\`,`,
    `the API key \`${KEY}\`, and the API version of your deployment.`,
    '',
    'To test each one:',
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
    'The base URL of a custom OpenAI-compatible tool ends in `/v1`, unless its upstream URL already ends in a version. A',
    'custom tool with the generic API format has the paths of its upstream:',
    '',
    '```sh',
    ...clientSnippets({ origin: ORIGIN, tool, key: KEY })
      .filter(({ id }) => id === 'curl')
      .map(({ text }) => text),
    '```',
  ];
}
