import { execFile, execFileSync } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SnippetTool } from '~/tools/client-snippet-parts';
import { clientSnippets } from '~/tools/client-snippets';
import { ECHO, type Preset, presets } from '~/tools/presets';
import { dotenvValue, powershellString, shellWord, stringLiteral } from '~/tools/shell-quote';
import { clientPath, modelsPath } from '~/tools/tool-paths';

const KEY = 'aik_dev_0123456789ABCDEFGHIJKLMNOPQRSTUV012345';
const ORIGIN = 'https://keys.example.com';

/** A tool created from a preset. */
function toolOf(preset: Preset): SnippetTool {
  const { slug, displayName, dialect, credentialHeader, upstreamUrl, id } = preset;
  const upstream = { dialect, preset: id, upstreamUrl };
  return {
    slug,
    displayName,
    dialect,
    preset: id,
    credentialHeader,
    clientPath: clientPath(upstream),
    modelsPath: modelsPath(upstream),
  };
}

const all = [...presets, ECHO].map(toolOf);
const named = (id: string) => {
  const tool = all.find(({ preset }) => preset === id);
  if (tool === undefined) throw new Error(`no preset ${id}`);
  return tool;
};

function textOf(tool: SnippetTool, id: string, origin = ORIGIN): string {
  const setting = clientSnippets({ origin, tool, key: KEY }).find((candidate) => candidate.id === id);
  if (setting === undefined) throw new Error(`${tool.slug} has no ${id}`);
  return setting.text;
}

interface Seen {
  method?: string;
  url?: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A server that records requests and responds with models and chat completions. */
async function recordingOrigin(): Promise<{ origin: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    response.setHeader('Content-Type', 'application/json');
    const message = { role: 'assistant', content: 'Hello' };
    response.end(
      request.url?.endsWith('/chat/completions')
        ? JSON.stringify({ object: 'chat.completion', choices: [{ index: 0, message }] })
        : JSON.stringify({
            object: 'list',
            data: [{ id: 'model-one', type: 'model' }],
            has_more: false,
            models: [{ name: 'model-one' }],
          }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const run = promisify(execFile);

describe('client snippets', () => {
  it('contain the key and the tool’s gateway URL, and no other address', () => {
    for (const tool of all) {
      for (const { id, text } of clientSnippets({ origin: ORIGIN, tool, key: KEY })) {
        expect(text, `${tool.slug} ${id}`).toContain(KEY);
        expect(text, `${tool.slug} ${id}`).toContain(`${ORIGIN}/gateway/${tool.slug}`);
        expect(text.match(/https?:\/\/[\w.-]+/g)?.every((url) => url === ORIGIN)).toBe(true);
      }
    }
  });

  it('have the version in the base URL for OpenAI-style clients, but not for Anthropic’s and Google’s', () => {
    expect(textOf(named('openai'), 'env')).toBe(
      `OPENAI_BASE_URL=${ORIGIN}/gateway/openai/v1\nOPENAI_API_KEY=${KEY}`,
    );
    expect(textOf(named('groq'), 'shell')).toContain(`'${ORIGIN}/gateway/groq/openai/v1'`);
    expect(textOf(named('azure-openai'), 'shell')).toContain(`'${ORIGIN}/gateway/azure-openai/openai/v1'`);
    expect(textOf(named('anthropic'), 'shell')).toContain(`ANTHROPIC_BASE_URL='${ORIGIN}/gateway/anthropic'`);
    expect(textOf(named('gemini'), 'powershell')).toContain(
      `$env:GOOGLE_GEMINI_BASE_URL = '${ORIGIN}/gateway/gemini'`,
    );
  });

  it('include Claude Code, Codex, aider and Gemini CLI only for tools with their API', () => {
    const clients = (id: string) =>
      clientSnippets({ origin: ORIGIN, tool: named(id), key: KEY }).map((setting) => setting.id);
    const common = ['shell', 'powershell', 'env', 'curl', 'python', 'typescript'];
    expect(clients('openai')).toEqual([...common, 'aider', 'codex']);
    expect(clients('echo')).toEqual([...common, 'aider', 'codex']);
    expect(clients('mistral')).toEqual([...common, 'aider']);
    expect(clients('anthropic')).toEqual([...common, 'claude-code']);
    expect(clients('gemini')).toEqual([...common, 'gemini-cli']);
  });

  it('show a custom generic API’s URL and a header that the gateway reads', () => {
    const custom: SnippetTool = {
      ...named('openai'),
      slug: 'internal',
      preset: null,
      dialect: 'generic',
      clientPath: '',
      modelsPath: '',
      credentialHeader: 'X-Internal-Token',
    };
    expect(textOf(custom, 'curl')).toBe(
      `curl '${ORIGIN}/gateway/internal' -H 'Authorization: Bearer ${KEY}'`,
    );
    expect(textOf({ ...custom, credentialHeader: 'X-Api-Key' }, 'header')).toBe(
      `# Base URL: ${ORIGIN}/gateway/internal\nx-api-key: ${KEY}`,
    );
  });
});

describe('pasted snippets', { timeout: 30_000 }, () => {
  it('run in a shell: curl calls each tool’s path with the key', async () => {
    const { origin, seen } = await recordingOrigin();
    for (const tool of all) {
      const { stdout } = await run('sh', ['-c', `${textOf(tool, 'curl', origin)} -s`]);
      expect(stdout).toMatch(/model-one|Hello/);
      const last = seen.at(-1);
      expect(last?.url?.startsWith(`/gateway/${tool.slug}/`)).toBe(true);
      expect(JSON.stringify(last?.headers)).toContain(KEY);
    }
    expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/gateway/echo/v1/chat/completions' });
    expect(JSON.parse(seen.at(-1)?.body ?? '')).toMatchObject({ model: 'echo' });
  });

  it('run in Node with each provider’s SDK', async () => {
    const { origin, seen } = await recordingOrigin();
    for (const id of ['openai', 'anthropic', 'gemini', 'echo']) {
      const program = textOf(named(id), 'typescript', origin);
      const { stdout } = await run('node', ['--input-type=module', '-e', program]);
      expect(stdout.trim()).toMatch(/^(model-one|Hello)$/);
      expect(seen.at(-1)?.url).toMatch(new RegExp(`^/gateway/${id}/v1`));
      expect(JSON.stringify(seen.at(-1)?.headers)).toContain(KEY);
    }
  });

  it('configure the SDKs with environment variables alone', async () => {
    const { origin, seen } = await recordingOrigin();
    const programs: Record<string, string> = {
      openai: `import C from 'openai'; for await (const m of new C().models.list()) console.log(m.id)`,
      anthropic: `import C from '@anthropic-ai/sdk'; for await (const m of new C().models.list()) console.log(m.id)`,
      gemini: `import { GoogleGenAI as C } from '@google/genai'; for await (const m of await new C({}).models.list()) console.log(m.name)`,
    };
    for (const [id, program] of Object.entries(programs)) {
      const shell = `${textOf(named(id), 'shell', origin)}\nexec node --input-type=module -e "$PROGRAM"`;
      const { stdout } = await run('sh', ['-c', shell], { env: { ...process.env, PROGRAM: program } });
      expect(stdout.trim()).toBe('model-one');
      expect(seen.at(-1)?.url).toMatch(new RegExp(`^/gateway/${id}/v1(beta)?/models`));
    }
  });
});

describe('shell quoting', () => {
  const specialText = fc.string({ unit: fc.constantFrom(...`ab'"\\$\`!#%&;|<>()*? \n\t’‘é😀{}[]~^=-`) });

  it('passes any text through a POSIX shell unchanged', () => {
    const texts = fc.sample(specialText, 300);
    const script = texts.map((text) => `printf '%s\\0' ${shellWord(text)}`).join('\n');
    const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(printed.split('\0').slice(0, -1)).toEqual(texts);
  });

  it('doubles every quote for PowerShell, typographic ones too', () => {
    fc.assert(
      fc.property(specialText, (text) => {
        const inner = powershellString(text).slice(1, -1);
        expect(inner.replace(/(['‘’‚‛])\1/g, '')).not.toMatch(/['‘’‚‛]/);
        expect(inner.replace(/(['‘’‚‛])\1/g, '$1')).toBe(text);
      }),
    );
  });

  it('keeps any text on one line of a .env file, unquoted where possible', () => {
    fc.assert(
      fc.property(specialText, (text) => {
        expect(dotenvValue(text)).not.toContain('\n');
      }),
    );
    expect(dotenvValue(KEY)).toBe(KEY);
    expect(dotenvValue('http://[::1]:3000/gateway/echo/v1')).toBe('http://[::1]:3000/gateway/echo/v1');
    expect(dotenvValue('a #b')).toBe(`'a #b'`);
  });

  it('makes string literals that JavaScript parses', () => {
    fc.assert(
      fc.property(specialText, (text) => {
        expect(JSON.parse(stringLiteral(text))).toBe(text);
      }),
    );
  });
});

describe('tool paths', () => {
  const path = (
    preset: string | null,
    upstreamUrl: string | null,
    dialect: SnippetTool['dialect'] = 'openai',
  ) => {
    const tool = { dialect, preset, upstreamUrl };
    return [clientPath(tool), modelsPath(tool)];
  };

  it('are the part of the preset’s path that the upstream URL leaves out', () => {
    expect(path('openai', 'https://api.openai.com')).toEqual(['/v1', '/v1/models']);
    expect(path('openai', 'https://api.openai.com/v1')).toEqual(['', '/models']);
    expect(path('groq', 'https://api.groq.com')).toEqual(['/openai/v1', '/openai/v1/models']);
    expect(path('groq', 'https://api.groq.com/openai')).toEqual(['/v1', '/v1/models']);
    expect(path('groq', 'https://api.groq.com/openai/v1/')).toEqual(['', '/models']);
    expect(path('openrouter', 'https://openrouter.ai/api')).toEqual(['/v1', '/v1/models/user']);
    expect(path('echo', null)).toEqual(['/v1', '/v1/models']);
  });

  it('depend on the version in the URL for tools without a matching preset', () => {
    expect(path(null, 'https://llm.example')).toEqual(['/v1', '/v1/models']);
    expect(path(null, 'https://llm.example/proxy/v2')).toEqual(['', '/models']);
    expect(path('groq', 'https://gateway.example/groq')).toEqual(['/v1', '/v1/models']);
    expect(path(null, 'https://llm.example', 'anthropic')).toEqual(['', '/v1/models']);
    expect(path(null, 'https://llm.example', 'gemini')).toEqual(['', '/v1beta/models']);
    expect(path(null, 'https://llm.example/api', 'generic')).toEqual(['', '']);
    expect(path('openai', 'https://llm.example', 'anthropic')).toEqual(['', '/v1/models']);
  });
});
