import type { Person } from '../helpers/staff';
import { amount } from './report';

/**
 * Adds a tool whose calls go to this upstream, without a credential. Its silence is not waited for long, but longer
 * than a busy machine is silent by itself.
 */
export async function addTool(admin: Person, slug: string, upstreamUrl: string): Promise<void> {
  const answer = await admin.api.mutate('tools.create', {
    slug,
    displayName: slug,
    dialect: 'openai',
    upstreamUrl,
    needsCredential: false,
    requiresApproval: false,
    headersTimeoutMs: amount(3_000, 5_000),
  });
  if (answer.status !== 200) throw new Error(`no tool ${slug}: ${answer.status} ${answer.reason}`);
}

/** A key for this tool, and its id. */
export async function issueKey(member: Person, tool: string): Promise<{ rawKey: string; keyId: string }> {
  const { data, status, reason } = await member.api.mutate('keys.request', {
    tool,
    environment: 'development',
    purpose: 'faults',
  });
  if (status !== 200) throw new Error(`no key for ${tool}: ${status} ${reason}`);
  const { rawKey, key } = data as { rawKey: string; key: { id: string } };
  return { rawKey, keyId: key.id };
}
