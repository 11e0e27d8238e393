import { auditFilters, auditGetInput, auditListInput, auditVerifyInput } from '~/audit/audit.schema';
import { exportAudit } from '~/audit/audit-export.server';
import { getAuditEntry, listAuditEntries } from '~/audit/list-entries.server';
import { readHead } from '~/audit/record.server';
import { verifyAuditTrail } from '~/audit/verify-chain.server';
import { unwrap } from './errors.server';
import { adminProcedure, router } from './procedures.server';

export const auditRouter = router({
  list: adminProcedure('Lists audit entries, newest first, by page.')
    .input(auditListInput)
    .query(({ ctx, input }) => listAuditEntries(ctx.app, input)),
  get: adminProcedure('Returns one audit entry by its number.')
    .input(auditGetInput)
    .query(async ({ ctx, input }) => unwrap(await getAuditEntry(ctx.app, input.seq))),
  head: adminProcedure(
    'Returns the number and hash of the last audit entry, to save and verify against later.',
  ).query(({ ctx }) => readHead(ctx.app.db.read)),
  // A mutation because it reads the whole trail: only a deliberate request should start it.
  verify: adminProcedure(
    "Verifies the audit trail's hash chain, optionally against a saved head. Changes nothing.",
  )
    .input(auditVerifyInput)
    .mutation(({ ctx, input }) => verifyAuditTrail(ctx.app, input?.head)),
  export: adminProcedure(
    'Streams audit entries as NDJSON to callers inside the server. Over HTTP it fails with 415; use GET /admin/audit/export instead.',
  )
    .input(auditFilters)
    .mutation(({ ctx, input }) => exportAudit(ctx.app, ctx.actor, input)),
});
