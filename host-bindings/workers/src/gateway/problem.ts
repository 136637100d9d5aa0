/** What the gateway itself answers when it cannot pass a request on; refusals of the policy come from the module. */
interface ProblemParts {
  status: number;
  title: string;
  code: string;
  detail: string;
  /** The path, as it came. */
  instance: string;
  requestId: string;
  now: number;
  buildId: string | undefined;
  headers?: Record<string, string>;
}

/** An answer in the shape of S2.3. */
export function problem(parts: ProblemParts): Response {
  const { status, title, code, detail, instance, requestId, now, buildId, headers } = parts;
  const body = {
    type: `https://httpproblems.com/http-status/${status}`,
    title,
    status,
    detail,
    instance: instance.slice(0, 2048),
    trace: { timestamp: new Date(now).toISOString(), requestId, buildId },
    code,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
  });
}

/** The id of a request for people to quote: the edge network's own, else a fresh one. */
export function requestIdOf(request: Request): string {
  const ray = request.headers.get("cf-ray");
  return ray !== null && /^[\w-]{8,64}$/.test(ray) ? ray : `req_${crypto.randomUUID().replaceAll("-", "")}`;
}

/** One line of JSON for the log. Never given a key, a header's value or a body. */
export function log(level: "warn" | "error", message: string, fields: Record<string, unknown> = {}): void {
  console[level](JSON.stringify({ level, message, ...fields }));
}
