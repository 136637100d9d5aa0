import type { Ask } from "./control-object.js";
/** What somebody outside gets to see of a response. */
export interface Answer {
  status: number;
  headers: string[][];
  body: Uint8Array;
}

/** What the module looks at. */
const HEADERS = ["authorization", "content-type", "idempotency-key", "if-match"];
const HEADERS_OF_GET = ["authorization"];
/** One byte more than the module takes, so that it is the module that says 413. */
const MOST_BODY_BYTES = 1024 * 1024 + 1;

/** The bucket that a request to `/v3/metering/{bucket}/…` is for; empty where the path is none of these. */
export function bucketOf(url: URL): string {
  return /^\/v3\/metering\/([^/]+)\//.exec(url.pathname)?.[1] ?? "";
}

export async function readApiRequest(request: Request, url: URL, bucket: string): Promise<Ask> {
  const ask: Ask = {
    entry: "api",
    object: bucket,
    method: request.method,
    target: url.pathname + url.search,
    headers: presentHeaders(request),
  };
  const body = await readBody(request);
  if (body !== undefined) ask.body = body;
  return ask;
}

export function httpResponse({ status, headers, body }: Answer): Response {
  const shown: Record<string, string> = { "cache-control": "no-store" };
  for (const [name, value] of headers) shown[name as string] = value as string;
  return new Response(status === 204 ? null : body, { status, headers: shown });
}

function presentHeaders({ method, headers }: Request): [string, string][] {
  const present: [string, string][] = [];
  for (const name of method === "GET" ? HEADERS_OF_GET : HEADERS) {
    const value = headers.get(name);
    if (value !== null) present.push([name, value]);
  }
  return present;
}

/** A body that says how long it is need not be read piece by piece. */
async function readBody(request: Request): Promise<Uint8Array | undefined> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) <= MOST_BODY_BYTES) return new Uint8Array(await request.arrayBuffer());
  return request.body === null ? undefined : readBounded(request.body);
}

/**
 * The body, or its first bytes where it is too large. All of it is read either way: what is left unread would hold up
 * the client's connection, and with it the next request on it.
 */
async function readBounded(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const kept = chunk.subarray(0, MOST_BODY_BYTES - size);
    if (kept.length > 0) chunks.push(kept);
    size += kept.length;
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
