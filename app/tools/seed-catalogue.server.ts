import type { AppContext } from '~/app-context.server';
import { record, SYSTEM } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { tools } from '~db/schema';
import { FIRST_TOOLS } from './presets';

/**
 * Fills an empty catalogue with the first tools, each with its audit entry, in one transaction. Tools are
 * archived and renamed, never deleted, so a catalogue is empty only once: nothing comes back that an admin
 * has put away.
 */
export async function seedCatalogue(app: Pick<AppContext, 'db' | 'now'>): Promise<void> {
  await app.db.write(async (tx) => {
    const some = await tx.select({ id: tools.id }).from(tools).limit(1);
    if (some.length > 0) return;
    const createdAt = app.now();
    for (const { preset, requiresApproval } of FIRST_TOOLS) {
      const { slug, displayName, dialect, upstreamUrl, needsCredential, credentialHeader } = preset;
      const id = newId('tool');
      await tx.insert(tools).values({
        id,
        slug,
        displayName,
        requiresApproval,
        dialect,
        upstreamUrl,
        preset: preset.id,
        credentialHeader,
        needsCredential,
        createdAt,
      });
      await record(tx, {
        at: createdAt,
        by: SYSTEM,
        action: 'tool.created',
        subject: `tool:${id}`,
        toolId: id,
        details: { slug, displayName, dialect, upstreamUrl, requiresApproval, preset: preset.id },
      });
    }
  });
}
