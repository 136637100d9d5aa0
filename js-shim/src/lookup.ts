import { Effect, STALE } from "./abi.js";
import type { Counters } from "./counters.js";
import type { EdgeModule } from "./edge-module.js";
import { type BackgroundContext, type SnapshotSource, within } from "./effects.js";
import { identityOf, SnapshotTexts } from "./snapshot-texts.js";
import type { Identity } from "./subscription.js";

/** A module and what belongs to it: dropped together when it traps. */
export class Instance {
  readonly texts = new SnapshotTexts();
  /** Set by a trap: nothing may be called any more. */
  dead = false;
  readonly #waiting = new Map<number, () => void>();
  /** Woken before they waited: the former fetcher of a key, which is told so only when its own answer comes. */
  readonly #wokenEarly = new Set<number>();

  /** @param base what tells this instance's handles from those of former ones: added to each. */
  constructor(
    readonly module: EdgeModule,
    readonly base: number,
  ) {}

  /** Wakes what the last call has set free. */
  wake(): void {
    for (let handle = this.module.nextWoken(); handle !== 0; handle = this.module.nextWoken()) {
      const resume = this.#waiting.get(handle);
      if (resume === undefined) this.#wokenEarly.add(handle);
      else resume();
    }
  }

  /** Resolves to true when `handle` was woken, to false after `ms` or when the instance died. */
  woken(handle: number, ms: number): Promise<boolean> {
    if (this.#wokenEarly.delete(handle)) return Promise.resolve(true);
    return new Promise((resolve) => {
      // Each waiter has a timer of its own: where requests are isolated from each other, the one that should wake
      // it may be gone.
      const timer = setTimeout(() => end(false), ms);
      const end = (byWaker: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(handle);
        resolve(byWaker);
      };
      this.#waiting.set(handle, () => end(!this.dead));
    });
  }

  /** A request that ended cannot be woken. */
  forget(handle: number): void {
    this.#wokenEarly.delete(handle);
  }

  /** Ends the instance; whoever waits is let go. */
  kill(): void {
    this.dead = true;
    for (const resume of [...this.#waiting.values()]) resume();
  }
}

/** How look-ups are done. */
export interface LookupOptions {
  snapshots: SnapshotSource;
  timeoutMs: number;
  now: () => number;
  onError: (error: unknown, what: string) => void;
  counters: Counters;
}

/** What an effect came to: what `resume` is told. */
interface Outcome {
  status: number;
  text: string;
  takenAt: number;
  identity: Identity | undefined;
}

/** Where a suspended request stands after a call. */
interface Step {
  /** What the call answered. */
  result: number;
  effect: Effect;
  digest: string;
}

/** Drives suspended requests: performs what the module asks for and hands it the answer, until it decides. */
export class Lookups {
  readonly #options: LookupOptions;

  constructor(options: LookupOptions) {
    this.#options = options;
  }

  /**
   * Goes on with the request that the last call has suspended. Rejects when the module traps.
   *
   * @param afterwards called with the decision in the same turn, while the mailbox still describes it
   * @returns what `afterwards` returned, or undefined when the instance died meanwhile
   */
  async settle<T>(
    instance: Instance,
    context: BackgroundContext | undefined,
    afterwards: (result: number) => T,
  ): Promise<T | undefined> {
    const { handle } = instance.module;
    let step: Step | undefined = stand(instance, 0);
    while (step !== undefined && step.result === 0) {
      step =
        step.effect === Effect.wait
          ? await this.#wait(instance, handle)
          : await this.#read(instance, handle, step, context);
    }
    if (step === undefined) return undefined;
    const answer = afterwards(step.result);
    instance.forget(handle);
    instance.wake();
    return answer;
  }

  /** Waits for the request that fetches; when it takes too long, becomes the one that does. */
  async #wait(instance: Instance, handle: number): Promise<Step | undefined> {
    const { module } = instance;
    const woken = await instance.woken(handle, this.#options.timeoutMs);
    if (instance.dead) return undefined;
    if (woken) return stand(instance, module.poll(handle, this.#options.now()));
    this.#options.counters.takeOvers++;
    return stand(instance, module.takeOver(handle, this.#options.now()));
  }

  /** Reads KV or asks the control plane, and hands over what came of it. */
  async #read(
    instance: Instance,
    handle: number,
    { effect, digest }: Step,
    context: BackgroundContext | undefined,
  ): Promise<Step | undefined> {
    const { module } = instance;
    const outcome = effect === Effect.kvGet ? await this.#readKv(digest) : await this.#ask(digest);
    if (instance.dead) return undefined;
    const now = this.#options.now();
    const takenAt = Math.min(outcome.takenAt, now);
    const result = module.resume(handle, outcome.status, outcome.text, takenAt, now);
    // Another request has taken the fetch over meanwhile: this one waits for it.
    if (result === STALE) return { result: 0, effect: Effect.wait, digest };
    const step = stand(instance, result);
    if (outcome.identity !== undefined && module.taken !== 0) {
      instance.texts.put(module.taken, outcome.text, outcome.identity);
    }
    if (module.storeSeconds > 0) this.#store(digest, outcome.text, takenAt, module.storeSeconds, context);
    if (result === 0) instance.wake();
    return step;
  }

  async #readKv(digest: string): Promise<Outcome> {
    const { snapshots, timeoutMs, counters, onError } = this.#options;
    if (snapshots.kvGet === undefined) return nothing(404);
    counters.kvReads++;
    try {
      const stored = await within(timeoutMs, snapshots.kvGet(digest));
      return stored === null ? nothing(404) : { ...stored, status: 200, identity: identityOf(stored.text) };
    } catch (error) {
      counters.kvReadsFailed++;
      onError(error, "a snapshot could not be read from KV");
      return nothing(0);
    }
  }

  async #ask(digest: string): Promise<Outcome> {
    const { snapshots, timeoutMs, counters, onError, now } = this.#options;
    counters.lookups++;
    try {
      const { status, text } = await within(timeoutMs, snapshots.fetch(digest));
      if (status === 404 || status === 401) return nothing(status);
      if (status !== 200 || text === undefined) throw new Error(`the control plane answered ${status}`);
      return { status, text, takenAt: now(), identity: identityOf(text) };
    } catch (error) {
      counters.lookupsFailed++;
      onError(error, "the control plane could not be asked for a snapshot");
      return nothing(0);
    }
  }

  #store(
    digest: string,
    text: string,
    takenAt: number,
    ttlSeconds: number,
    context: BackgroundContext | undefined,
  ): void {
    const { kvPut } = this.#options.snapshots;
    if (kvPut === undefined) return;
    this.#options.counters.kvWrites++;
    const write = this.#put(() => kvPut.call(this.#options.snapshots, digest, { text, takenAt }, ttlSeconds));
    context?.waitUntil(write);
  }

  /** Never rejects: what is not in KV is fetched again. */
  async #put(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#options.counters.kvWritesFailed++;
      this.#options.onError(error, "a snapshot could not be written to KV");
    }
  }
}

/** Reads where the request stands; directly after the call that answered `result`. */
function stand({ module }: Instance, result: number): Step {
  const effect = result === 0 ? module.effect : 0;
  const digest = effect === Effect.kvGet || effect === Effect.fetch ? module.digest : "";
  return { result, effect, digest };
}

/** The outcome without a snapshot. */
function nothing(status: number): Outcome {
  return { status, text: "", takenAt: 0, identity: undefined };
}
