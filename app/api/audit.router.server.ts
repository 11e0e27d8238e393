import { auditFilters, auditGetInput, auditListInput, auditVerifyInput } from '~/audit/audit.schema';
import { exportAudit } from '~/audit/audit-export.server';
import { getAuditEntry, listAuditEntries } from '~/audit/list-entries.server';
import { readHead } from '~/audit/record.server';
import { verifyAuditTrail } from '~/audit/verify-chain.server';
import { adminProcedure, router, unwrap } from './procedures.server';

export const auditRouter = router({
  list: adminProcedure.input(auditListInput).query(({ ctx, input }) => listAuditEntries(ctx.app, input)),

  get: adminProcedure
    .input(auditGetInput)
    .query(async ({ ctx, input }) => unwrap(await getAuditEntry(ctx.app, input.seq))),

  head: adminProcedure.query(({ ctx }) => readHead(ctx.app.db.read)),

  /** A mutation, since it is work worth asking for on purpose; it changes nothing. */
  verify: adminProcedure
    .input(auditVerifyInput)
    .mutation(({ ctx, input }) => verifyAuditTrail(ctx.app, input?.head)),

  /** Lines of NDJSON, as they are read; `/admin/audit/export` is where browsers get them. Recorded. */
  export: adminProcedure
    .input(auditFilters)
    .mutation(({ ctx, input }) => exportAudit(ctx.app, ctx.actor, input)),
});
