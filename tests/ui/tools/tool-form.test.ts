import { describe, expect, it } from 'vitest';
import { readForm } from '~/api/read-form.server';
import { presets } from '~/tools/presets';
import { createToolInput, updateToolInput } from '~/tools/tools.schema';
import { toolFormOf, toToolInput } from '~/ui/tools/tool-form.server';
import { newToolValues, type ToolFormValues, toFormValues } from '~/ui/tools/tool-form-values';

/** What the API receives when a browser submits these values: it leaves out unticked checkboxes. */
async function submitted(values: ToolFormValues, tool: { upstreamUrl: string | null } | null = null) {
  const fields = Object.entries(values).filter(
    ([name, value]) => value !== '' || !/^(requires|needs|allows)/.test(name),
  );
  const request = new Request('http://keys.test', { method: 'POST', body: new URLSearchParams(fields) });
  return toToolInput((await readForm<ReturnType<typeof toolFormOf>>(request, toolFormOf(tool))).input);
}

const HOUSE = {
  displayName: 'House',
  slug: 'house',
  dialect: 'generic' as const,
  upstreamUrl: 'https://llm.example/v1',
  credentialHeader: 'x-token',
  headersTimeoutMs: 90_500,
  maxConcurrentPerKey: 3,
  maxConcurrent: null,
  requiresApproval: false,
  needsCredential: true,
  allowsPlainHttp: false,
};

describe('the tool form', () => {
  it('fills in for each preset what the API derives from the preset alone', async () => {
    for (const preset of presets.filter(({ upstreamIncomplete }) => !upstreamIncomplete)) {
      const input = { ...(await submitted(newToolValues(preset))), preset: preset.id };
      expect(createToolInput.parse(input)).toEqual(createToolInput.parse({ preset: preset.id }));
    }
  });

  it('changes nothing when an unchanged tool is saved', async () => {
    expect(await submitted(toFormValues(HOUSE), HOUSE)).toEqual(HOUSE);
  });

  it('leaves the upstream of the built-in tool alone, because its form has no such fields', async () => {
    const input = await submitted(toFormValues(HOUSE), { upstreamUrl: null });
    expect(input.needsCredential).toBeUndefined();
    expect(updateToolInput.parse({ ...input, tool: 'echo' })).toEqual({
      tool: 'echo',
      displayName: 'House',
      slug: 'house',
      requiresApproval: false,
      maxConcurrentPerKey: 3,
      maxConcurrent: null,
    });
  });

  it('leaves text in number fields for the API to refuse', async () => {
    const values = { ...toFormValues(HOUSE), maxConcurrent: 'many', headersTimeoutSeconds: 'long' };
    const { error } = updateToolInput.safeParse({ ...(await submitted(values)), tool: 'x' });
    expect(error?.issues.map(({ path }) => path[0])).toEqual(['headersTimeoutMs', 'maxConcurrent']);
  });
});
