import { Readable } from 'node:stream';
import { createReadableStreamFromReadable, type LoaderFunctionArgs } from '@remix-run/node';
import { load } from '~/api/call-from-route.server';
import { errorMessage } from '~/core/error-catalogue';
import { err } from '~/core/result';
import { isFromAnotherSite } from '~/http/origin-check.server';
import { readAuditParams } from '~/ui/audit/read-audit-params.server';

/** Streams the trail as a JSON Lines file, filtered like the list. */
export async function loader(args: LoaderFunctionArgs) {
  // CSRF: a link on another site must not add an export entry in this admin's name.
  if (isFromAnotherSite(args.request.headers)) {
    return new Response(`${errorMessage(err('cross-site-request'))}\n`, { status: 403 });
  }
  const { filters, errors } = readAuditParams(new URL(args.request.url).searchParams);
  const [filterError] = Object.values(errors);
  // An invalid filter must not be ignored: the file would contain more than requested.
  if (filterError !== undefined) return new Response(`${filterError}\n`, { status: 400 });
  const lines = await load(args, (api) => api.audit.export(filters));
  const day = new Date(args.context.trpc.app.now()).toISOString().slice(0, 10);
  const filtered = Object.keys(filters).length > 0 ? '-filtered' : '';
  return new Response(createReadableStreamFromReadable(Readable.from(lines)), {
    headers: {
      'Content-Type': 'application/x-ndjson; charset=utf-8',
      'Content-Disposition': `attachment; filename="audit-trail${filtered}-${day}.ndjson"`,
    },
  });
}
