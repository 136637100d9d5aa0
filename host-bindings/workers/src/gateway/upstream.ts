import type { Identity } from "tollgate";
import { type Env, serviceBinding } from "../env.js";
import type { Upstream } from "./routes.js";

/** Answers a request that was let through. */
export type Fetch = (request: Request) => Promise<Response>;

/** Headers of ours start with this; no client sets one. */
const OWN_PREFIX = "x-tollgate-";

/**
 * What answers for an upstream.
 * @throws Error when the service binding is missing
 */
export function upstreamFetch(upstream: Upstream, env: Env): Fetch {
  if (upstream.kind === "url") return (request) => fetch(request);
  const service = serviceBinding(env, upstream.binding);
  if (service === undefined) {
    throw new Error(
      `config/routes.json names the upstream service:${upstream.binding}, which wrangler.toml does not bind`,
    );
  }
  return (request) => service.fetch(request);
}

/** What the upstream is sent instead of what the client sent. */
interface Forwarding {
  upstream: Upstream;
  /** Parsed address of the client's request. */
  url: URL;
  /** Left out of the request; undefined: nothing is. */
  credentialHeader: string | undefined;
  identity: Identity | undefined;
  body: ReadableStream<Uint8Array> | null;
}

/** The request for the upstream: same method, path, query and body; who calls is told in headers of our own. */
export function forwarded(request: Request, { upstream, url, credentialHeader, identity, body }: Forwarding): Request {
  const headers = new Headers(request.headers);
  for (const name of request.headers.keys()) {
    if (name.startsWith(OWN_PREFIX)) headers.delete(name);
  }
  if (credentialHeader !== undefined) headers.delete(credentialHeader);
  if (identity !== undefined) {
    headers.set(`${OWN_PREFIX}consumer`, encodeURIComponent(identity.consumer));
    headers.set(`${OWN_PREFIX}subscription`, encodeURIComponent(identity.subscriptionId));
  }
  const address = upstream.kind === "url" ? upstream.origin + upstream.basePath + url.pathname + url.search : url.href;
  const { method } = request;
  // No body goes with a method that gives none a meaning: where one came nevertheless, it is not passed on.
  const bodiless = method === "GET" || method === "HEAD";
  if (bodiless) headers.delete("content-length");
  const init = { method, headers, body: bodiless ? null : body, redirect: "manual", duplex: "half" };
  return new Request(address, init as RequestInit);
}
