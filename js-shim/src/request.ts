import { MeterError } from "./edge-module.js";
import type { BackgroundContext } from "./effects.js";
import type { Gate } from "./gate.js";
import type { Identity, MonetizationSubscription } from "./subscription.js";

/** Meters and their amounts. */
export type Meters = Readonly<Record<string, number>>;

interface MeterState {
  [key: string]: { value: number; replaces: boolean };
}

/** One allowed request between the decision and its end. Ends once: with {@link finish} or {@link abandon}. */
export class AllowedRequest {
  readonly #gate: Gate;
  readonly #result: number;
  #meters = "";
  #ended = false;

  /** @param result what {@link Gate.check} or {@link Gate.settle} answered, above 0 */
  constructor(gate: Gate, result: number) {
    this.#gate = gate;
    this.#result = result;
  }

  get subscription(): MonetizationSubscription | undefined {
    return this.#gate.subscription(this.#result);
  }

  get identity(): Identity | undefined {
    return this.#gate.identity(this.#result);
  }

  /** The runtime meters that were set or added so far. */
  get meters(): Record<string, number> {
    if (this.#meters === "") return {};
    const state = JSON.parse(this.#meters) as MeterState;
    return Object.fromEntries(Object.entries(state).map(([key, { value }]) => [key, value]));
  }

  setMeters(meters: Meters): void {
    this.#merge("set", meters);
  }

  addMeters(meters: Meters): void {
    this.#merge("add", meters);
  }

  #merge(operation: "set" | "add", meters: Meters): void {
    if (this.#ended) throw new MeterError("meters come before the response ends");
    this.#meters = this.#gate.mergeMeters(this.#meters, operation, meters);
  }

  /** Records what the request used, if `status` is metered. */
  finish(status: number, context?: BackgroundContext): void {
    if (this.#end()) this.#gate.finish(this.#result, status, this.#meters, context);
  }

  /** The request was not served: records nothing. */
  abandon(): void {
    if (this.#end()) this.#gate.abandon(this.#result);
  }

  #end(): boolean {
    const first = !this.#ended;
    this.#ended = true;
    return first;
  }
}

const requests = new WeakMap<object, AllowedRequest>();

/**
 * Lets code that runs behind the policy find its request by an object that it has: the request, or the framework's
 * context. Called by adapters.
 */
export function attach(key: object, request: AllowedRequest): void {
  requests.set(key, request);
}

/** The subscription that the request is on (S2.5). Undefined when the policy has not run for `key`. */
export function getSubscriptionData(key: object): MonetizationSubscription | undefined {
  return requests.get(key)?.subscription;
}

/** Who sent the request: the key's consumer. Undefined when the policy has not run for `key`. */
export function getUser(key: object): Identity | undefined {
  return requests.get(key)?.identity;
}

/** The meters set so far at run time (S2.6). Undefined when the policy has not run for `key`. */
export function getMeters(key: object): Record<string, number> | undefined {
  return requests.get(key)?.meters;
}

/**
 * Replaces runtime meters; for these keys the policy's own values do not count.
 * @throws MeterError for values that are not finite, below 0 or of more than 9 fractional digits, and when the policy
 *   has not run for `key`; nothing is changed then
 */
export function setMeters(key: object, meters: Meters): void {
  allowed(key).setMeters(meters);
}

/**
 * Adds to runtime meters; for these keys the policy's own values count as well.
 * @throws MeterError as {@link setMeters}
 */
export function addMeters(key: object, meters: Meters): void {
  allowed(key).addMeters(meters);
}

function allowed(key: object): AllowedRequest {
  const request = requests.get(key);
  if (request === undefined) throw new MeterError("the policy has not run for this request: nobody could be charged");
  return request;
}
