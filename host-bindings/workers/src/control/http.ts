import type { Ask } from "./control-object.js";
import type { ControlResponse } from "./frame.js";

/** What the module looks at. */
const HEADERS = ["authorization", "content-type", "idempotency-key"];
/** One byte more than the module takes, so that it is the module that says 413. */
const MOST_BODY_BYTES = 1024 * 1024 + 1;

/** The bucket that a request to `/v3/metering/{bucket}/…` is for; empty where the path is none of these. */
export function bucketOf(url: URL): string {
  return /^\/v3\/metering\/([^/]+)\//.exec(url.pathname)?.[1] ?? "";
}

export async function readApiRequest(request: Request): Promise<Ask> {
  const url = new URL(request.url);
  return {
    entry: "api",
    object: bucketOf(url),
    method: request.method,
    target: url.pathname + url.search,
    headers: HEADERS.map((name) => [name, request.headers.get(name) ?? ""]),
    body: await readBounded(request.body),
  };
}

export function httpResponse({ status, headers, body }: ControlResponse): Response {
  const answer = new Headers(headers);
  answer.set("cache-control", "no-store");
  return new Response(status === 204 ? null : body, { status, headers: answer });
}

/** A trap, or an object that cannot be reached: nobody knows more than that. */
export function failure(url: URL, status: 500 | 503, code: string, detail: string): Response {
  const title = status === 500 ? "Internal Server Error" : "Service Unavailable";
  const type = `https://httpproblems.com/http-status/${status}`;
  return new Response(JSON.stringify({ type, title, status, detail, instance: url.pathname, code }), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}

async function readBounded(stream: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  if (stream === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  while (size < MOST_BODY_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  await reader.cancel();
  const body = new Uint8Array(Math.min(size, MOST_BODY_BYTES));
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk.subarray(0, body.length - at), at);
    at += Math.min(chunk.length, body.length - at);
  }
  return body;
}
