import { describe, expect, it } from 'vitest';
import { presets } from '~/tools/presets';
import { createToolInput, updateToolInput } from '~/tools/tools.schema';
import { newToolValues, readToolForm, toFormValues, toToolInput } from '~/ui/tools/tool-form-values';

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

describe('the form that adds or edits a tool', () => {
  it('proposes for each preset what the API makes of its id alone', () => {
    for (const preset of presets.filter(({ upstreamIncomplete }) => !upstreamIncomplete)) {
      const filled = createToolInput.parse({ ...toToolInput(newToolValues(preset)), preset: preset.id });
      expect(filled).toEqual(createToolInput.parse({ preset: preset.id }));
    }
  });

  it('takes a tick for yes, a box without one for no, and a box that was not shown for neither', () => {
    const ticked = {
      'requiresApproval-shown': 'yes',
      requiresApproval: 'on',
      'needsCredential-shown': 'yes',
    };
    expect(toToolInput(readToolForm(formOf(ticked)))).toMatchObject({
      requiresApproval: true,
      needsCredential: false,
      allowsPlainHttp: undefined,
    });
  });

  it('takes an empty limit for none, seconds for milliseconds, and leaves out what it did not show', () => {
    const input = toToolInput(
      readToolForm(formOf({ headersTimeoutSeconds: '1.5', maxConcurrent: ' ', credentialHeader: '' })),
    );
    expect(input).toMatchObject({ headersTimeoutMs: 1_500, maxConcurrent: null, credentialHeader: null });
    expect(input.maxConcurrentPerKey).toBeUndefined();
    expect(updateToolInput.parse({ ...input, tool: 'x' }).maxConcurrentPerKey).toBeUndefined();
  });

  it('hands words where a number belongs to the API, which refuses them', () => {
    const input = toToolInput(readToolForm(formOf({ maxConcurrent: 'many', headersTimeoutSeconds: 'long' })));
    const { error } = updateToolInput.safeParse({ ...input, tool: 'x' });
    expect(error?.issues.map(({ path }) => path[0])).toEqual(['headersTimeoutMs', 'maxConcurrent']);
  });

  it('shows a tool as it is: sent back unchanged, it changes nothing', () => {
    const tool = {
      displayName: 'House',
      slug: 'house',
      dialect: 'generic' as const,
      upstreamUrl: 'https://llm.example/v1',
      credentialHeader: 'x-token',
      headersTimeoutMs: 90_000,
      maxConcurrentPerKey: 3,
      maxConcurrent: null,
      requiresApproval: false,
      needsCredential: true,
      allowsPlainHttp: false,
    };
    expect(toToolInput(toFormValues(tool))).toEqual(tool);
  });
});
