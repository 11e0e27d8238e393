import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { load, submit } from '~/api/call-from-route.server';
import { formatHead } from '~/audit/audit.schema';
import type { ChainVerdict } from '~/audit/verify-chain.server';
import { AUDIT_TRAIL } from '~/ui/audit/audit-params';
import { ChainHead } from '~/ui/audit/chain-head';
import { Button } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { Notice } from '~/ui/notice';

export const meta: MetaFunction = () => [{ title: 'Verify the chain · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { head: formatHead(await load(args, (api) => api.audit.head())) };
}

export async function action(args: ActionFunctionArgs) {
  const kept = String((await args.request.formData()).get('head') ?? '').trim();
  const result = await submit(args, (api) => api.audit.verify({ head: kept }));
  if (result.ok) return { ok: true as const, verdict: result.value, kept };
  const { message, status, fields } = result;
  return data({ ok: false as const, problem: fields.head ?? message, kept }, { status });
}

export default function VerifyTrail() {
  const { head } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const submitting = useSubmitting();
  const [params] = useSearchParams();
  return (
    <Drawer
      title="Verify the chain"
      description="Every entry is read, its hash computed again and its link to the one before it followed."
      backTo={AUDIT_TRAIL.href(params)}
    >
      <div className="grid gap-5">
        {result?.ok ? <VerdictNotice verdict={result.verdict} kept={result.kept} /> : null}
        <Form ref={form} method="post" preventScrollReset className="grid gap-4">
          <TextField
            label="Head kept elsewhere (optional)"
            name="head"
            placeholder="number:hash"
            spellCheck={false}
            defaultValue={result?.kept}
            error={result?.ok === false ? result.problem : undefined}
            hint="The chain alone cannot tell that its end was cut off, or that all of it was rewritten. Compared with a head noted earlier, both show."
            className="font-mono text-xs"
          />
          <Button variant="primary" busy={submitting} className="justify-self-start">
            {submitting ? 'Verifying…' : 'Verify'}
          </Button>
        </Form>
        <section aria-labelledby="head-now" className="grid gap-2 border-t border-line pt-4">
          <h3 id="head-now" className="text-sm font-semibold">
            The head now
          </h3>
          <p className="text-sm text-muted">
            Note it where nobody who can write to this server can change it.
          </p>
          <ChainHead head={head} />
        </section>
      </div>
    </Drawer>
  );
}

function VerdictNotice({ verdict, kept }: { verdict: ChainVerdict; kept: string }) {
  const entries = verdict.head.seq.toLocaleString('en');
  if (verdict.ok) {
    return (
      <Notice tone="good" announce>
        All {entries} entries are as recorded{kept ? ', and the head kept elsewhere is among them' : ''}.
      </Notice>
    );
  }
  return (
    <Notice tone="problem" announce>
      <p className="font-medium">The trail is not what was recorded.</p>
      <p>
        {verdict.fault.message} {verdict.head.seq > 0 ? `It is sound up to entry ${entries}.` : null}
      </p>
    </Notice>
  );
}
