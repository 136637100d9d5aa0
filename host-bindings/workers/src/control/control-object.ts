import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.js";
import {
  type ControlRequest,
  type ControlResponse,
  commits,
  type ObjectAnswer,
  type ObjectRequest,
  type Role,
  SEED_BYTES,
} from "./frame.js";
import { controlModule } from "./module.js";

/** Rounds of questions to other objects within one request; handlers need one. */
const MAX_PASSES = 8;
const DEFAULT_LOCAL_KEY = "tg_admin_local";

/** What a request says; the object adds the rest. */
export interface Ask extends Pick<ControlRequest, "entry" | "object" | "method" | "target" | "headers"> {
  /** Absent where there is none: an empty array costs two buffers on its way to the object. */
  body?: Uint8Array;
}

const NO_BODY = new Uint8Array();

const ROLLBACK = Symbol("roll back");

/** Performs requests on the control module over the object's own database. */
export abstract class ControlObject extends DurableObject<Env> {
  readonly #role: Role;
  #started = false;

  constructor(state: DurableObjectState, env: Env, role: Role) {
    super(state, env);
    this.#role = role;
  }

  /** One request, all of it: passes, other objects in between, the commit. Throws only on a trap. */
  protected async perform(ask: Ask, now = Date.now()): Promise<ControlResponse> {
    const request = requestOf(this.#role, ask, this.env, now);
    this.#start(request);
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      const response = this.#pass(request);
      if (response.log !== "")
        console.error(JSON.stringify({ level: "error", message: response.log, object: ask.object }));
      if (response.needs.length === 0) return response;
      request.answers.push(...(await Promise.all(response.needs.map((need) => this.askObject(need)))));
    }
    throw new Error("a request went on asking other objects");
  }

  /** Brings the schema up to date before the first request of this instance. */
  #start(request: ControlRequest): void {
    if (this.#started) return;
    const start = { ...request, entry: "host", method: "POST", target: "/start", body: new Uint8Array() } as const;
    const response = this.#pass(start);
    if (!commits(response)) throw new Error(new TextDecoder().decode(response.body));
    this.#started = true;
  }

  /** One transaction. Whatever is not a success, and a trap, leaves nothing behind. */
  #pass(request: ControlRequest): ControlResponse {
    const { storage } = this.ctx;
    let response: ControlResponse | undefined;
    try {
      storage.transactionSync(() => {
        response = controlModule.handle(storage.sql, request);
        if (!commits(response)) throw ROLLBACK;
      });
    } catch (error) {
      if (error !== ROLLBACK) throw error;
    }
    return response as ControlResponse;
  }

  /** Ledgers ask nobody; buckets override this. */
  protected async askObject({ question }: ObjectRequest): Promise<ObjectAnswer> {
    return { question, status: 0, body: new Uint8Array() };
  }
}

/** What one object of ours answers another. */
export interface HostAnswer {
  status: number;
  body: Uint8Array;
}

/** A request of ours, which nobody outside can make. */
export function hostAsk(object: string, target: string, body: Uint8Array): Ask {
  return { entry: "host", object, method: "POST", target, headers: [], body };
}

export function requestOf(role: Role, ask: Ask, env: Env, now: number): ControlRequest {
  const local = env.TOLLGATE_LOCAL === "1";
  return {
    ...ask,
    body: ask.body ?? NO_BODY,
    role,
    now,
    seed: crypto.getRandomValues(new Uint8Array(SEED_BYTES)),
    settings: { adminKey: env.TOLLGATE_ADMIN_KEY ?? (local ? DEFAULT_LOCAL_KEY : ""), local },
    answers: [],
  };
}
