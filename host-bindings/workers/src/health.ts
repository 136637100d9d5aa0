import type { Gate } from "tollgate";
import { startControl } from "./control/index.js";
import { controlPlane } from "./control-plane.js";
import type { Env } from "./env.js";
import type { Gateway } from "./gateway/gateway.js";
import { inFlight, queueCounters } from "./queue-counters.js";

/** What health is asked about. */
interface Serving {
  gate: Gate;
  gateway: Gateway;
  bucket: string;
}

/**
 * `GET /healthz`: 200 when the module is configured and the bucket answers, else 503. With the admin key it tells the
 * counters as well, and, on a developer's machine, the key that was seeded: once.
 */
export async function health(request: Request, env: Env, serving: Serving): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const details = (await isAdmin(request, env)) ? await detailsOf(env, serving) : {};
  const ready = await bucketAnswers(env, serving.bucket);
  const state = { status: ready ? "ok" : "unavailable", bucket: serving.bucket, ...details };
  return Response.json(state, { status: ready ? 200 : 503, headers: { "cache-control": "no-store" } });
}

async function detailsOf(env: Env, { gate, gateway }: Serving): Promise<Record<string, unknown>> {
  const queue = { ...queueCounters, inFlight: inFlight(queueCounters) };
  const counters = { gateway: gateway.counters, gate: gate.stats(), queue };
  return env.TOLLGATE_LOCAL === "1" ? { ...(await startControl(env)), ...counters } : counters;
}

async function bucketAnswers(env: Env, bucket: string): Promise<boolean> {
  try {
    const response = await controlPlane(env).ask("GET", `/v3/metering/${bucket}/meters?pageSize=1`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether the request carries the admin key; compared in constant time, by digests of equal length. */
export async function isAdmin(request: Request, env: Env): Promise<boolean> {
  const given = request.headers.get("authorization")?.replace(/^Bearer /i, "");
  if (given === undefined || env.TOLLGATE_ADMIN_KEY === undefined) return false;
  const digest = (text: string) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return crypto.subtle.timingSafeEqual(await digest(given), await digest(env.TOLLGATE_ADMIN_KEY));
}
