import { STALE } from "./abi.js";
import { Counters } from "./counters.js";
import { Delivery } from "./delivery.js";
import { EdgeModule, MeterError, type PolicyDescription, type Refusal } from "./edge-module.js";
import type { BackgroundContext } from "./effects.js";
import { type GateOptions, told } from "./gate-options.js";
import { isWorkerd } from "./header-copy.js";
import { Instance } from "./instance.js";
import { Lookups } from "./lookup.js";
import { edgeModule } from "./module-source.js";
import type { Identity, MonetizationSubscription } from "./subscription.js";

/**
 * Checks a `policies.json` ahead of any request and without a gate: nothing random is needed, so it may be done where a
 * Worker starts.
 *
 * @returns the policies with their defaults filled in
 * @throws ConfigurationError naming policy, option, value and rule
 */
export function describePolicies(policies: string, module?: WebAssembly.Module): readonly PolicyDescription[] {
  return new EdgeModule(module ?? edgeModule(), { policies, seed: new Uint8Array(32) }).policies;
}

/** A decision that had to wait. */
export interface Settled {
  /** As of {@link Gate.check}, never 0. */
  result: number;
  /** As of {@link Gate.quotaHeaders}. */
  quotaHeaders: string;
}

/** Handles of one instance lie below this; those of the next are shifted by it. */
const HANDLE_SPAN = 2 ** 31;
/** The result for a request that the failure mode refuses; below every result of the module. */
const REFUSED_UNDECIDED = -(2 ** 32);
/** The result for a request that the failure mode lets through; above every handle. */
const ALLOWED_UNDECIDED = Number.MAX_SAFE_INTEGER;
/** Characters of a path and of a request id that a refusal quotes. */
const MAX_INSTANCE = 2048;
const MAX_REQUEST_ID = 128;
/** For a request that the failure mode refuses: the next one meets a new module. */
const RETRY_SOON = "Retry-After: 1\n";

/**
 * The policy at work in one process or isolate: decides about requests, fetches the snapshots that it lacks, delivers
 * the events, and replaces the module should it trap. All routes share one gate, hence one cache and one stream of
 * events.
 *
 * @example
 * const gate = new Gate({ policies, snapshots, events });
 * const policy = gate.policy("monetization-inbound");
 * let result = gate.check(policy, request.headers.get("authorization"), Date.now());
 * if (result === 0) ({ result } = await gate.settle(policy, ctx));
 * if (result < 0) return refuse(gate.problem(result, policy, path, requestId, Date.now()));
 * const response = await handler(request);
 * gate.finish(result, response.status, "", ctx);
 */
export class Gate {
  readonly counters = new Counters();

  readonly #options: GateOptions & { now: () => number; onError: (error: unknown, what: string) => void };
  readonly #lookups: Lookups;
  readonly #delivery: Delivery;
  #instance: Instance;
  /** The time of the last check. */
  #checkedAt = 0;

  /** @throws ConfigurationError naming policy, option, value and rule. */
  constructor(options: GateOptions) {
    const now = options.now ?? Date.now;
    const onError = told(options.onError);
    this.#options = { ...options, now, onError };
    this.#instance = new Instance(this.#instantiate(options.seed), 0);
    const { counters } = this;
    this.#lookups = new Lookups({
      snapshots: options.snapshots,
      timeoutMs: options.lookupTimeoutMs ?? 5_000,
      now,
      onError,
      counters,
    });
    this.#delivery = new Delivery(this.#instance.module, {
      sink: options.events,
      flushIntervalMs: options.flushIntervalMs ?? 200,
      sendTimeoutMs: options.sendTimeoutMs ?? 10_000,
      batchesAtOnce: Math.min(Math.max(options.batchesAtOnce ?? (isWorkerd() ? 6 : 16), 1), 16),
      now,
      onError,
      onTrap: (error, module) => this.#trapped(error, module),
      counters,
    });
  }

  /** @param seed for the first instance only: no two may start from the same one, ids of events come from it. */
  #instantiate(seed: Uint8Array | undefined): EdgeModule {
    const { policies, module, seed: _, ...options } = this.#options;
    const text = typeof policies === "string" ? policies : JSON.stringify(policies);
    const given = seed === undefined ? {} : { seed };
    return new EdgeModule(module ?? edgeModule(), { ...options, ...given, policies: text });
  }

  /** The policies in the order of their indices. */
  get policies(): readonly PolicyDescription[] {
    return this.#instance.module.policies;
  }

  /**
   * The index of a policy.
   * @throws RangeError when none has this name
   */
  policy(name: string): number {
    const index = this.policies.findIndex((policy) => policy.name === name);
    if (index < 0) throw new RangeError(`no policy is named "${name}"`);
    return index;
  }

  /**
   * Decides about a request, at once when its key is in the cache.
   *
   * @param policy index of the policy
   * @param header value of the policy's `authHeader`; one that came several times is joined by `", "`; null: none came
   * @param now milliseconds since 1970
   * @returns `> 0` allowed: a handle owed to {@link finish} or {@link abandon}; `< 0` denied: for {@link problem};
   *   `0`: call {@link settle} before anything else
   */
  check(policy: number, header: string | null, now: number): number {
    this.#checkedAt = now;
    const instance = this.#instance;
    try {
      const result = instance.module.check(policy, header, now);
      return result > 0 ? result + instance.base : result;
    } catch (error) {
      return this.#undecided(error, instance.module);
    }
  }

  /**
   * Waits for the decision about the request for which {@link check} has just answered 0.
   *
   * @param context lets the look-up outlive a client that hangs up
   */
  settle(policy: number, context?: BackgroundContext): Promise<Settled> {
    const settled = this.#settle(policy, context);
    context?.waitUntil(settled);
    return settled;
  }

  async #settle(policy: number, context: BackgroundContext | undefined): Promise<Settled> {
    const instance = this.#instance;
    const { module, base } = instance;
    try {
      const settled = await this.#lookups.settle(instance, context, (result): Settled => {
        const quotaHeaders = result === STALE ? "" : linesOf(module, result, policy, this.#options.now());
        return { result: result > 0 ? result + base : result, quotaHeaders };
      });
      if (settled !== undefined && settled.result !== STALE) return settled;
      if (settled !== undefined) this.counters.staleHandles++;
      return undecided(this.#byFailureMode());
    } catch (error) {
      return undecided(this.#undecided(error, module));
    }
  }

  /**
   * Ends an allowed request: records what it used if `status` is metered, and has the events delivered afterwards.
   *
   * @param meters runtime meters as {@link mergeMeters} answered them, `""` for none
   */
  finish(result: number, status: number, meters = "", context?: BackgroundContext): void {
    const instance = this.#instance;
    const handle = this.#handle(result, instance);
    if (handle === 0) return;
    let events: number;
    try {
      events = instance.module.finish(handle, status, meters);
    } catch (error) {
      events = this.#finishAfter(error, instance.module, handle, status);
    }
    if (events === STALE) {
      this.counters.staleHandles++;
      return;
    }
    this.#delivery.recorded(events, this.#checkedAt, context);
  }

  /** What remains to be done when a request could not be finished: without its meters, or with a new module. */
  #finishAfter(error: unknown, module: EdgeModule, handle: number, status: number): number {
    try {
      if (!(error instanceof MeterError)) throw error;
      // They were checked when they were set, so this is a bound that only shows here: the static meters still count.
      this.counters.metersRejected++;
      this.#options.onError(error, "runtime meters were not recorded");
      return module.finish(handle, status, "");
    } catch (trap) {
      this.counters.requestsLost++;
      this.#trapped(trap, module);
      return 0;
    }
  }

  /** Ends an allowed request that was not served: nothing is recorded, what was reserved is given back. */
  abandon(result: number): void {
    const instance = this.#instance;
    const handle = this.#handle(result, instance);
    if (handle === 0) return;
    try {
      if (instance.module.abandon(handle) === STALE) this.counters.staleHandles++;
      instance.wake();
    } catch (error) {
      this.#trapped(error, instance.module);
    }
  }

  /**
   * Sets (`"set"`) or adds (`"add"`) runtime meters of a request (S2.6).
   *
   * @param state what an earlier call for the same request answered, `""` at first
   * @returns the new state, for {@link finish}
   * @throws MeterError naming key, value and rule; the old state stays valid
   */
  mergeMeters(state: string, operation: "set" | "add", meters: Readonly<Record<string, number>>): string {
    const text = metersText(meters);
    const { module } = this.#instance;
    try {
      return module.mergeMeters(state, operation, text);
    } catch (error) {
      if (error instanceof MeterError) throw error;
      this.#trapped(error, module);
      throw new MeterError("the meters could not be set: the policy module failed and was replaced");
    }
  }

  /** The answer for a denied request. `instance` is its path. */
  problem(result: number, policy: number, instance: string, requestId: string, now: number): Refusal {
    const path = instance.slice(0, MAX_INSTANCE);
    const id = requestId.slice(0, MAX_REQUEST_ID);
    if (result === REFUSED_UNDECIDED) return this.#unavailable(path, id, now);
    const { module } = this.#instance;
    try {
      return module.problem(result, policy, path, id, now);
    } catch (error) {
      this.#trapped(error, module);
      return this.#unavailable(path, id, now);
    }
  }

  /** The one problem that no module writes: there is none that could be asked. */
  #unavailable(instance: string, requestId: string, now: number): Refusal {
    const status = 503;
    const body = JSON.stringify({
      type: "https://httpproblems.com/http-status/503",
      title: "Service Unavailable",
      status,
      detail: "The request could not be checked. Try again.",
      instance,
      trace: {
        timestamp: new Date(now).toISOString().replace(".000Z", "Z"),
        requestId,
        buildId: this.#options.buildId ?? "",
      },
      code: "policy_unavailable",
    });
    return { status, body };
  }

  /**
   * Directly after {@link check}: header lines `Name: value\n` for the decision; `""` where the policy has them off
   * (S2.8). A refusal with status 503 has a `Retry-After` whatever the policy says.
   */
  quotaHeaders(result: number, policy: number, now: number): string {
    if (result === 0) return "";
    if (isUndecided(result)) return undecided(result).quotaHeaders;
    const { module, base } = this.#instance;
    try {
      return linesOf(module, result > 0 ? result - base : result, policy, now);
    } catch (error) {
      this.#trapped(error, module);
      return "";
    }
  }

  /** Who sent an allowed request; undefined once it has ended. */
  identity(result: number): Identity | undefined {
    const record = this.#record(result);
    if (record === 0) return undefined;
    const { module, texts, base } = this.#instance;
    const known = texts.identity(record);
    if (known !== undefined) return known;
    try {
      const identity = module.identity(result - base);
      if (identity !== undefined) texts.setIdentity(record, identity);
      return identity;
    } catch (error) {
      this.#trapped(error, module);
      return undefined;
    }
  }

  /** The subscription behind an allowed request; undefined once it has ended. Shared: not to be changed. */
  subscription(result: number): MonetizationSubscription | undefined {
    const record = this.#record(result);
    return record === 0 ? undefined : this.#instance.texts.subscription(record);
  }

  #record(result: number): number {
    const instance = this.#instance;
    const handle = result - instance.base;
    if (handle <= 0 || handle >= HANDLE_SPAN) return 0;
    try {
      return Math.max(0, instance.module.recordOf(handle));
    } catch (error) {
      this.#trapped(error, instance.module);
      return 0;
    }
  }

  /** Each of the fifteen checks for a header, in JSON, for people. Decides nothing. */
  explain(policy: number, header: string | null, now: number): string {
    const { module } = this.#instance;
    try {
      return module.explain(policy, header, now);
    } catch (error) {
      this.#trapped(error, module);
      throw error;
    }
  }

  /** Sends all events that are due; resolves when they are out or a send has failed. */
  flush(context?: BackgroundContext): Promise<void> {
    return this.#delivery.flush(context);
  }

  /** Counters of the gate and of its present module. Events that were lost are one figure, whoever lost them. */
  stats(): Record<string, unknown> {
    this.#delivery.noteLost();
    const { eventsLost: _, ...module } = this.#instance.module.stats();
    return { ...this.counters, module };
  }

  /** The handle in a result, 0 when it is not of this instance. */
  #handle(result: number, { base }: Instance): number {
    const handle = result - base;
    if (handle > 0 && handle < HANDLE_SPAN) return handle;
    if (result !== ALLOWED_UNDECIDED) this.counters.staleHandles++;
    return 0;
  }

  #undecided(error: unknown, module: EdgeModule): number {
    this.#trapped(error, module);
    return this.#byFailureMode();
  }

  #byFailureMode(): number {
    this.counters.undecided++;
    return this.#options.failureMode === "open" ? ALLOWED_UNDECIDED : REFUSED_UNDECIDED;
  }

  /** Puts a new instance in the place of one that trapped. */
  #trapped(error: unknown, module: EdgeModule): void {
    const former = this.#instance;
    if (former.module !== module) return;
    this.counters.traps++;
    this.#options.onError(error, "the policy module trapped and was replaced");
    this.#instance = new Instance(this.#instantiate(undefined), former.base + HANDLE_SPAN);
    this.#delivery.replaceModule(this.#instance.module);
    former.kill();
  }
}

function isUndecided(result: number): boolean {
  return result === REFUSED_UNDECIDED || result === ALLOWED_UNDECIDED;
}

/** The answer for a request without a decision. */
function undecided(result: number): Settled {
  return { result, quotaHeaders: result === REFUSED_UNDECIDED ? RETRY_SOON : "" };
}

/** Header lines for a decision that the module has just made. Which refusals have some, the module says. */
function linesOf(module: EdgeModule, result: number, policy: number, now: number): string {
  const asks = result < 0 || module.policies[policy]?.quotaHeaders === true;
  return asks ? module.quotaHeaders(result, policy, now) : "";
}

/** JSON of meters; what JSON would drop or turn into null is refused here, all else by the module. */
function metersText(meters: Readonly<Record<string, number>>): string {
  for (const [key, value] of Object.entries(meters)) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new MeterError(`meter "${key}" is ${String(value)}: a meter is a finite number ≥ 0`);
    }
  }
  return JSON.stringify(meters);
}
