import { Readable } from 'node:stream';
import { createReadableStreamFromReadable, type LoaderFunctionArgs } from '@remix-run/node';
import { load } from '~/api/call-from-route.server';
import { errorMessage } from '~/core/error-catalogue';
import { err } from '~/core/result';
import { isFromAnotherSite } from '~/http/origin-check.server';
import { readAuditParams } from '~/ui/audit/read-audit-params.server';

/** The trail as a file, with the filters of the address, streamed as it is read. */
export async function loader(args: LoaderFunctionArgs) {
  if (isFromAnotherSite(args.request.headers)) {
    return new Response(`${errorMessage(err('cross-site-request'))}\n`, { status: 403 });
  }
  const { filters, errors } = readAuditParams(new URL(args.request.url).searchParams);
  const [problem] = Object.values(errors);
  // A filter that was dropped would put more into the file than was asked for.
  if (problem !== undefined) return new Response(`${problem}\n`, { status: 400 });
  const lines = await load(args, (api) => api.audit.export(filters));
  const day = new Date(args.context.trpc.app.now()).toISOString().slice(0, 10);
  const part = Object.keys(filters).length > 0 ? '-part' : '';
  return new Response(createReadableStreamFromReadable(Readable.from(lines)), {
    headers: {
      'Content-Type': 'application/x-ndjson; charset=utf-8',
      'Content-Disposition': `attachment; filename="audit-trail${part}-${day}.ndjson"`,
    },
  });
}
