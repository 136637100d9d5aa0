import type { Gate } from "tollgate";
import type { Env } from "./env.js";
import type { Gateway } from "./gateway/gateway.js";
import { isAdmin } from "./health.js";
import { inFlight, queueCounters } from "./queue-counters.js";

/** Asked again and again by whoever is about to end a stack on a developer's machine (scripts/stack/workerd.mjs). */
export const ENDING_PATH = "/healthz/ending";

/** What this isolate still has to do. */
interface Owed {
  /** Requests that have not been answered, or whose usage is not known yet. */
  requests: number;
  /** Events in the gate. */
  outbox: number;
  /** Events on the queues, which are in memory there. */
  queue: number;
}

/**
 * Ends the traffic of a Worker on a developer's machine, so that it can be stopped without losing usage: its isolate
 * and its queues are all in memory. Elsewhere isolates end when the platform likes, and queues are durable.
 */
export class Ending {
  #ending = false;
  #serving = 0;

  /** Counts an answer as owed until it is there. */
  track(answer: Promise<Response> | Response): Promise<Response> | Response {
    if (!(answer instanceof Promise)) return answer;
    this.#serving++;
    return answer.finally(() => this.#serving--);
  }

  /** The refusal of a request that comes now, undefined while all are served. */
  refusal(request: Request, gateway: Gateway): Response | undefined {
    return this.#ending ? gateway.problem(request, "ending") : undefined;
  }

  /** `POST /healthz/ending`: serves no further request, sends what the gate has, and tells what is still owed. */
  async answer(request: Request, env: Env, gate: Gate, context: ExecutionContext): Promise<Response> {
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "POST" } });
    if (!(await isAdmin(request, env))) return new Response(null, { status: 401 });
    this.#ending = true;
    context.waitUntil(gate.flush(context));
    const { inFlight: open = 0, outbox = 0 } = gate.stats().module as Record<string, number>;
    const owed: Owed = { requests: Math.max(this.#serving, open), outbox, queue: inFlight(queueCounters) };
    return Response.json(owed, { headers: { "cache-control": "no-store" } });
  }
}
