import type { AppContext } from '~/app-context.server';
import { SYSTEM } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { tools } from '~db/schema';
import { ECHO, findPreset } from './presets';
import { insertTool } from './save-tool.server';

const SEED_PRESETS = ['openai', 'anthropic', 'gemini', 'mistral', ECHO.id];

/**
 * Fills an empty catalogue, in one transaction. Tools are archived and renamed but never deleted, so a catalogue is empty
 * only on a new server, and no tool comes back that an admin archived.
 */
export async function seedCatalogue(app: Pick<AppContext, 'db' | 'now'>): Promise<void> {
  await app.db.write(async (tx) => {
    const existing = await tx.select({ id: tools.id }).from(tools).limit(1);
    if (existing.length > 0) return;
    const at = app.now();
    for (const presetId of SEED_PRESETS) {
      const preset = findPreset(presetId);
      if (preset === undefined) throw new Error(`no preset has the id ${presetId}`);
      const { slug, displayName, dialect, upstreamUrl, needsCredential, credentialHeader } = preset;
      await insertTool(tx, SYSTEM, {
        id: newId('tool'),
        slug,
        displayName,
        requiresApproval: preset !== ECHO,
        dialect,
        upstreamUrl,
        preset: presetId,
        credentialHeader,
        needsCredential,
        createdAt: at,
      });
    }
  });
}
