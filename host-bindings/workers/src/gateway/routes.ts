import { type JsonPath, parseJsonPath } from "./json-path.js";

/** Where a route's requests go: a service binding, or the address that paths are appended to. */
export type Upstream = { kind: "service"; binding: string } | { kind: "url"; origin: string; basePath: string };

/** Where the amount of a meter stands in a response. */
export type ResponseMeter =
  | { meter: string; kind: "json"; path: JsonPath }
  | { meter: string; kind: "header"; name: string };

/** One entry of `routes.json`. */
export interface Route {
  /** The pattern as written, for messages. */
  path: string;
  /** Upper case; undefined: any. */
  methods: ReadonlySet<string> | undefined;
  upstream: Upstream;
  /** Name of the policy instance; undefined: open to everybody. */
  policy: string | undefined;
  responseMeters: readonly ResponseMeter[];
  /** Whether the upstream is sent the credential header. */
  forwardCredential: boolean;
}

/** A whole `routes.json`. */
export interface Routes {
  bucket: string;
  /** Which API keys are looked up at all (S6.3): those of our own format, or any, where keys were imported. */
  keyFormat: KeyFormat;
  maxRequestBytes: number;
  /** How much of a response is read for a meter. */
  maxMeteredResponseBytes: number;
  routes: readonly Route[];
}

/** A configuration that was refused; the message names route, field, value and rule. */
export class RouteError extends Error {
  override name = "RouteError";
}

const KEY_FORMATS = ["tgk", "any"] as const;
type KeyFormat = (typeof KEY_FORMATS)[number];

const BUCKETS = ["working-copy", "preview", "production"] as const;

const MEBIBYTE = 1024 * 1024;
const MEMBERS = ["bucket", "keyFormat", "maxRequestBytes", "maxMeteredResponseBytes", "routes"];
const ROUTE_MEMBERS = ["path", "methods", "upstream", "policies", "responseMeters", "forwardCredential"];
const SEGMENT = /^(?:[\w.~!$&'()*+,;=:@%-]+|\{[A-Za-z_]\w*\})$/;
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const RESERVED = ["/v3", "/healthz"];

/**
 * Reads a `routes.json`. Nothing of it is in force when any of it is refused.
 *
 * @param policies names of the policies that routes may use
 * @throws RouteError
 */
export function parseRoutes(text: string, policies: readonly string[]): Routes {
  const document = object(parse(text), "the document");
  refuseUnknown(document, MEMBERS, "the document");
  const { routes, bucket = "working-copy", keyFormat = "tgk" } = document;
  if (!Array.isArray(routes) || routes.length === 0)
    throw refuse("the document", "routes", routes, "a list of at least one route");
  const parsed = routes.map((route, i) => parseRoute(route, i, policies));
  refuseOverlaps(parsed);
  return {
    bucket: parseBucket(bucket, "the document", "bucket"),
    keyFormat: parseKeyFormat(keyFormat),
    maxRequestBytes: bytes(document, "maxRequestBytes", 10 * MEBIBYTE, 100 * MEBIBYTE),
    maxMeteredResponseBytes: bytes(document, "maxMeteredResponseBytes", MEBIBYTE, 16 * MEBIBYTE),
    routes: parsed,
  };
}

/** @throws RouteError when there is no such bucket */
export function parseBucket(value: unknown, where: string, field: string): string {
  if (!BUCKETS.some((bucket) => bucket === value)) throw refuse(where, field, value, `one of ${BUCKETS.join(", ")}`);
  return value as string;
}

function parseKeyFormat(value: unknown): KeyFormat {
  const format = KEY_FORMATS.find((known) => known === value);
  if (format === undefined) throw refuse("the document", "keyFormat", value, `one of ${KEY_FORMATS.join(", ")}`);
  return format;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RouteError(`config/routes.json is not JSON: ${(error as Error).message}`);
  }
}

function parseRoute(value: unknown, index: number, policies: readonly string[]): Route {
  const entry = object(value, `route ${index + 1}`);
  const { path } = entry;
  const where = typeof path === "string" ? `route ${index + 1} (${path})` : `route ${index + 1}`;
  refuseUnknown(entry, ROUTE_MEMBERS, where);
  if (typeof path !== "string" || !isPattern(path)) {
    throw refuse(where, "path", path, 'a path of segments like "/status/{code}"; the last may be "*" for any rest');
  }
  if (RESERVED.some((own) => path === own || path.startsWith(`${own}/`))) {
    throw refuse(where, "path", path, `not below ${RESERVED.join(" or ")}, which the gateway serves itself`);
  }
  const { forwardCredential = false } = entry;
  if (typeof forwardCredential !== "boolean")
    throw refuse(where, "forwardCredential", forwardCredential, "true or false");
  const policy = parsePolicy(entry.policies, where, policies);
  const responseMeters = parseResponseMeters(entry.responseMeters, where);
  if (policy === undefined && responseMeters.length > 0) {
    throw refuse(where, "responseMeters", entry.responseMeters, "only with a policy, which knows who is to be charged");
  }
  return {
    path,
    methods: parseMethods(entry.methods, where),
    upstream: parseUpstream(entry.upstream, where),
    policy,
    responseMeters,
    forwardCredential,
  };
}

function isPattern(path: string): boolean {
  if (path === "/" || path === "/*") return true;
  const segments = path.split("/");
  if (segments.shift() !== "" || segments.length === 0) return false;
  if (segments.at(-1) === "*") segments.pop();
  return segments.every((segment) => SEGMENT.test(segment) && segment !== "*");
}

function parseMethods(value: unknown, where: string): ReadonlySet<string> | undefined {
  const rule = 'a list of methods such as ["GET", "POST"], or ["*"] for any';
  if (!Array.isArray(value) || value.length === 0) throw refuse(where, "methods", value, rule);
  if (value.length === 1 && value[0] === "*") return undefined;
  for (const method of value) {
    if (typeof method !== "string" || !TOKEN.test(method) || method !== method.toUpperCase() || method === "*") {
      throw refuse(where, "methods", method, rule);
    }
  }
  const methods = new Set<string>(value);
  // RFC 9110, 9.3.2: what answers GET answers HEAD.
  if (methods.has("GET")) methods.add("HEAD");
  return methods;
}

function parseUpstream(value: unknown, where: string): Upstream {
  const rule = "https://… (http://… only to this machine) without query, or service:BINDING";
  if (typeof value !== "string") throw refuse(where, "upstream", value, rule);
  const service = /^service:([A-Za-z_]\w*)$/.exec(value);
  if (service !== null) return { kind: "service", binding: service[1] as string };
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const local = url !== undefined && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  const scheme = url?.protocol === "https:" || (url?.protocol === "http:" && local);
  if (
    url === undefined ||
    !scheme ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== "" ||
    url.password !== ""
  ) {
    throw refuse(where, "upstream", value, rule);
  }
  return { kind: "url", origin: url.origin, basePath: url.pathname.replace(/\/$/, "") };
}

function parsePolicy(value: unknown, where: string, known: readonly string[]): string | undefined {
  const rule = `a list of at most one policy out of policies.json (${known.join(", ")})`;
  if (!Array.isArray(value) || value.length > 1) throw refuse(where, "policies", value, rule);
  const [name] = value as unknown[];
  if (name === undefined) return undefined;
  if (typeof name !== "string" || !known.includes(name)) throw refuse(where, "policies", name, rule);
  return name;
}

function parseResponseMeters(value: unknown, where: string): ResponseMeter[] {
  if (value === undefined) return [];
  return Object.entries(object(value, `${where}, responseMeters`)).map(([meter, source]) => {
    const field = `responseMeters.${meter}`;
    const rule = 'a JSON path such as "$.usage.total_tokens", or the name of a response header';
    if (typeof source !== "string") throw refuse(where, field, source, rule);
    if (source.startsWith("$")) {
      const path = parseJsonPath(source);
      if (path === undefined) throw refuse(where, field, source, rule);
      return { meter, kind: "json", path };
    }
    if (!TOKEN.test(source)) throw refuse(where, field, source, rule);
    return { meter, kind: "header", name: source.toLowerCase() };
  });
}

/** Two routes that could both be meant by one request, with neither more exact, are a mistake. */
function refuseOverlaps(routes: readonly Route[]): void {
  const seen = new Map<string, string>();
  routes.forEach(({ path, methods }, i) => {
    const shape = path.replace(/\{\w+\}/g, "{}");
    for (const method of methods ?? ["*"]) {
      const other = seen.get(`${method} ${shape}`);
      if (other !== undefined) {
        throw refuse(`route ${i + 1} (${path})`, "methods", method, `not also served by ${other}`);
      }
      seen.set(`${method} ${shape}`, `route ${i + 1}`);
    }
  });
}

function bytes(document: Record<string, unknown>, field: string, fallback: number, most: number): number {
  const value = document[field] ?? fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > most) {
    throw refuse("the document", field, value, `a whole number of bytes from 1 to ${most}`);
  }
  return value;
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RouteError(`config/routes.json: ${where} is ${JSON.stringify(value)}: must be an object`);
  }
  return value as Record<string, unknown>;
}

function refuseUnknown(value: Record<string, unknown>, known: readonly string[], where: string): void {
  for (const field of Object.keys(value)) {
    if (!known.includes(field))
      throw refuse(where, field, value[field], `no such field; there are ${known.join(", ")}`);
  }
}

function refuse(where: string, field: string, value: unknown, rule: string): RouteError {
  return new RouteError(`config/routes.json: ${where}: ${field} is ${JSON.stringify(value)}: must be ${rule}`);
}
