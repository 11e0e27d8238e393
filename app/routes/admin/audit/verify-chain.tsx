import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { z } from 'zod';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { formatHead } from '~/audit/audit.schema';
import type { ChainVerdict } from '~/audit/verify-chain.server';
import { AUDIT_TRAIL } from '~/ui/audit/audit-params';
import { ChainHead } from '~/ui/audit/chain-head';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { TextField } from '~/ui/field';
import { useStickyActionData } from '~/ui/form';
import { Notice } from '~/ui/notice';

export const meta: MetaFunction = () => [{ title: 'Verify the chain · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { head: formatHead(await load(args, (api) => api.audit.head())) };
}

const verifyForm = z.object({ head: z.string() });

export async function action(args: ActionFunctionArgs) {
  const { values } = await readForm(args.request, verifyForm);
  const result = await submit(args, (api) => api.audit.verify(values));
  return result.ok ? { ok: true as const, verdict: result.value, values } : formErrorResponse(result, values);
}

export default function VerifyChain() {
  const { head } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <Drawer
      title="Verify the chain"
      description="Recomputes every entry’s hash and checks its link to the previous entry."
      backTo={AUDIT_TRAIL.href(params)}
    >
      <div className="grid gap-5">
        {result?.ok ? <VerdictNotice verdict={result.verdict} savedHead={result.values.head} /> : null}
        <DrawerForm result={result} submitLabel="Verify" backTo={AUDIT_TRAIL.href(params)}>
          <TextField
            label="Saved head (optional)"
            name="head"
            placeholder="number:hash"
            spellCheck={false}
            defaultValue={result?.values.head}
            error={result?.ok === false ? result.fields.head : undefined}
            hint="Paste a head you saved earlier to also detect deleted or fully rewritten entries."
            className="font-mono text-xs"
          />
        </DrawerForm>
        <section aria-labelledby="current-head" className="grid gap-2 border-t border-line pt-4">
          <h3 id="current-head" className="text-sm font-semibold">
            Current head
          </h3>
          <p className="text-sm text-muted">Save it somewhere this server’s admins can’t change.</p>
          <ChainHead head={head} />
        </section>
      </div>
    </Drawer>
  );
}

function VerdictNotice({ verdict, savedHead }: { verdict: ChainVerdict; savedHead: string }) {
  const entries = verdict.head.seq.toLocaleString('en');
  if (verdict.ok) {
    return (
      <Notice tone="good" announce>
        All {entries} entries are intact{savedHead ? ', and the saved head is one of them' : ''}.
      </Notice>
    );
  }
  return (
    <Notice tone="problem" announce>
      <p className="font-medium">The audit trail was changed.</p>
      <p>
        {verdict.fault.message} {verdict.head.seq > 0 ? `Entries up to ${entries} are intact.` : null}
      </p>
    </Notice>
  );
}
