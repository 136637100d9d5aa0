import { env as startEnv } from "cloudflare:workers";
import { describePolicies, Gate } from "tollgate";
import { GatewayRules, RouteError } from "tollgate/internal/gateway";
import policiesFile from "../../../config/policies.json";
import routesFile from "../../../config/routes.json";
import { apiDocs } from "./api-docs.js";
import { handleControl } from "./control/index.js";
import { controlPlane } from "./control-plane.js";
import { ENDING_PATH, Ending } from "./ending.js";
import type { Env } from "./env.js";
import { consume, queueSink } from "./events-queue.js";
import { DomainClock } from "./gateway/domain-clock.js";
import { fetchFor } from "./gateway/fetch-for.js";
import { Gateway } from "./gateway/gateway.js";
import { log } from "./gateway/log.js";
import { snapshotSource } from "./gateway/snapshots.js";
import { health } from "./health.js";

export { BucketObject, LedgerObject } from "./control/index.js";
export { DemoUpstream } from "./demo-upstream.js";

// The whole configuration is checked when the Worker starts: one that is refused does not start at all. (The gate
// itself is made with the first request, since random numbers are to be had within one only.)
const deployed = startEnv as Env;
const policies = deployed.TOLLGATE_POLICIES ?? policiesFile;
const rules = new GatewayRules(deployed.TOLLGATE_ROUTES ?? routesFile, describePolicies(policies));
const bucket = deployed.TOLLGATE_BUCKET ?? rules.table.bucket;
if (!rules.table.buckets.includes(bucket)) {
  throw new RouteError(`TOLLGATE_BUCKET is "${bucket}": must be one of ${rules.table.buckets.join(", ")}`);
}
for (const route of rules.table.routes) fetchFor(route, deployed);

interface Served {
  gate: Gate;
  gateway: Gateway;
  clock: DomainClock;
  bucket: string;
}

let started: Served | undefined;
const ending = new Ending();

export default {
  fetch(request, env, context): Promise<Response> | Response {
    const answer = answerTo(request, env, context);
    // A client that hangs up ends the request, but not what it owes: its usage, and a look-up that others wait for.
    if (answer instanceof Promise) context.waitUntil(answer);
    return answer;
  },

  queue: (batch, env) => consume(batch, env, controlPlane(env), rules),
} satisfies ExportedHandler<Env>;

function answerTo(request: Request, env: Env, context: ExecutionContext): Promise<Response> | Response {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/v3/")) {
    const failed = () => gatewayOf(env).gateway.problem(request, "internal");
    return apiDocs(request, pathname) ?? handleControl(request, env, failed);
  }
  const served = gatewayOf(env);
  if (pathname === "/healthz") return health(request, env, served);
  if (env.TOLLGATE_LOCAL !== "1") return serve(request, served, context);
  if (pathname === ENDING_PATH) return ending.answer(request, env, served.gate, context);
  return ending.refusal(request, served.gateway) ?? ending.track(serve(request, served, context));
}

function serve(request: Request, { gateway, clock }: Served, context: ExecutionContext): Promise<Response> | Response {
  const looked = clock.refresh(context);
  return looked === undefined ? gateway.serve(request, context) : looked.then(() => gateway.serve(request, context));
}

function gatewayOf(env: Env): Served {
  started ??= start(env);
  return started;
}

function start(env: Env): Served {
  const buildId = env.TOLLGATE_BUILD_ID ?? "local";
  const plane = controlPlane(env);
  const clock = new DomainClock(bucket, plane);
  const gate = new Gate({
    policies,
    keyFormat: rules.table.keyFormat,
    buildId,
    bucket,
    snapshots: snapshotSource(env, bucket, plane),
    events: queueSink(env, bucket),
    now: clock.now,
    onError: (error, what) => log("error", what, { reason: (error as Error)?.message }),
  });
  const gateway = new Gateway({ gate, rules, buildId, fetchFor: (route) => fetchFor(route, env), now: clock.now });
  return { gate, gateway, clock, bucket };
}
