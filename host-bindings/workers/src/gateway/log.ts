/** The id of a request for people to quote: the edge network's own, else a fresh one. */
export function requestIdOf(request: Request): string {
  const ray = request.headers.get("cf-ray");
  return ray !== null && /^[\w-]{8,64}$/.test(ray) ? ray : `req_${crypto.randomUUID().replaceAll("-", "")}`;
}

/** One line of JSON for the log. Never given a key, a header's value or a body. */
export function log(level: "warn" | "error", message: string, fields: Record<string, unknown> = {}): void {
  console[level](JSON.stringify({ level, message, ...fields }));
}
