import type { RouteInfo } from "tollgate/internal/gateway";
import { type Env, serviceBinding } from "../env.js";

/** Answers a request that was let through. */
export type Fetch = (request: Request) => Promise<Response>;

/**
 * What answers for a route's upstream.
 * @throws Error when the service binding is missing
 */
export function fetchFor({ upstream }: RouteInfo, env: Env): Fetch {
  if ("origin" in upstream) return (request) => fetch(request);
  const service = serviceBinding(env, upstream.service);
  if (service === undefined) {
    throw new Error(
      `config/routes.json names the upstream service:${upstream.service}, which wrangler.toml does not bind`,
    );
  }
  return (request) => service.fetch(request);
}
