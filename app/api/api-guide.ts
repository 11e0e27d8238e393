/** How to use the API over HTTP, in Markdown: part of the OpenAPI document and of docs/api.md. */
export const apiGuide = (origin: string) => `\
The pages of My AI Keys use this API, and so can scripts. It is [tRPC](https://trpc.io) over HTTP.

## Calls

- A **query** is \`GET /api/trpc/<procedure>?input=<JSON>\`, with the JSON percent-encoded.
- A **mutation** is \`POST /api/trpc/<procedure>\` with \`Content-Type: application/json\` and the input as its body, at
  most 256 KiB.
- A **subscription** is a \`GET\` with \`Accept: text/event-stream\` that returns server-sent events.

A procedure without input takes neither the parameter nor a body. A successful call returns status 200 and
\`{"result":{"data":…}}\`. Times are milliseconds since the epoch.

**Batches**: to make up to 20 calls in one request, separate the procedures with commas, add \`?batch=1\`, and send the
inputs as an object by position: \`GET /api/trpc/keys.mine,tools.available?batch=1&input={"0":{"ended":5}}\`. The response
is an array in the same order; its status is 207 if the calls' statuses differ. Each call succeeds or fails on its own.

## Signing in

Sign in with \`auth.signIn\` and send the session cookie with every other call:

\`\`\`sh
curl -c cookies.txt -H 'Content-Type: application/json' \\
  -d '{"email":"ada@example.com","password":"…"}' ${origin}/api/trpc/auth.signIn
curl -b cookies.txt -c cookies.txt ${origin}/api/trpc/keys.mine
curl -b cookies.txt -c cookies.txt -G --data-urlencode 'input={"tool":"echo"}' \\
  ${origin}/api/trpc/tools.forRequest
\`\`\`

A session ends after 7 days without use, and after 30 days in any case. The server renews the cookie in its responses, so
save it after each call (\`-c\`). Reuse sessions: a user has at most 100, and a new one ends the oldest. After 10 failed
attempts in 15 minutes, signing in to that account from that network fails with \`too-many-attempts\`. Keys that start
with \`aik_\` are for the gateway and are not accepted here.

## Requests from browsers

A request that may change something (any method but GET, HEAD and OPTIONS) fails with 403 and a plain-text message if its
\`Sec-Fetch-Site\` or \`Origin\` header names another site. Scripts send neither header. There is no CORS: pages on other
origins can't read responses.

## Errors

A failed call has status 4xx or 5xx and this body:

\`\`\`json
{
  "error": {
    "message": "There is no such key, or you don’t have access to it.",
    "code": -32004,
    "data": {
      "code": "NOT_FOUND",
      "httpStatus": 404,
      "path": "keys.get",
      "reason": "key-not-found",
      "fields": {}
    }
  }
}
\`\`\`

Use \`data.reason\` in programs; messages are for people and may change. For \`invalid-input\`, \`data.fields\` has a message
for each invalid field. An unknown procedure (404), a wrong method (405) and a malformed request (400 or 415) return
\`invalid-input\`, too.`;
