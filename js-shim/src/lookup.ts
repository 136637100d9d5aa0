import { Effect, STALE } from "./abi.js";
import type { Counters } from "./counters.js";
import { type BackgroundContext, doneWithin, type SnapshotSource, within } from "./effects.js";
import type { Instance } from "./instance.js";

/** How look-ups are done. */
interface LookupOptions {
  snapshots: SnapshotSource;
  /** Of one read of KV, and of one question to the control plane. */
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
}

/** Where a suspended request stands after a call. */
interface Step {
  /** What the call answered. */
  result: number;
  effect: Effect;
  digest: string;
}

/** What a look-up may take beyond its two time-outs. */
const MARGIN_MS = 1_000;
/** How often it is told that the gateway's credential is refused. */
const CREDENTIAL_NOTICE_MS = 60_000;
/** Instants lie within this many milliseconds of 1970, as those of `Date` do. */
const MAX_INSTANT = 8.64e15;

/** Drives suspended requests: performs what the module asks for and hands it the answer, until it decides. */
export class Lookups {
  readonly #options: LookupOptions;
  /** How long who performs a look-up is waited for: longer than KV and the control plane together may take. */
  readonly #patience: number;
  #credentialTold = Number.NEGATIVE_INFINITY;

  constructor(options: LookupOptions) {
    this.#options = options;
    this.#patience = 2 * options.timeoutMs + MARGIN_MS;
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
          ? await this.#wait(instance, handle, step.digest)
          : await this.#read(instance, handle, step, context);
      if (step?.result === 0) instance.wake();
    }
    if (step === undefined) return undefined;
    const answer = afterwards(step.result);
    instance.forget(handle);
    instance.wake();
    return answer;
  }

  /** Waits for the request that looks the key up. When that is gone, one of those who wait takes its place. */
  async #wait(instance: Instance, handle: number, digest: string): Promise<Step | undefined> {
    const { module } = instance;
    do {
      const woken = await instance.woken(handle, Math.max(0, instance.left(digest, this.#patience)));
      if (instance.dead) return undefined;
      if (woken) return stand(instance, module.poll(handle, this.#options.now()));
      // Another may have taken over meanwhile, and has its whole time before it.
    } while (instance.left(digest, this.#patience) > 0);
    this.#options.counters.takeOvers++;
    instance.begin(digest);
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
    const began = instance.begin(digest);
    const outcome = effect === Effect.kvGet ? await this.#readKv(digest) : await this.#ask(digest);
    if (instance.dead) return undefined;
    const { status, text, takenAt } = outcome;
    const result = module.resume(handle, status, text, takenAt, this.#options.now());
    const step = stand(instance, result);
    if (result === STALE) return step;
    if (module.taken !== 0) instance.texts.put(module.taken, text);
    else if (effect === Effect.fetch && status === 200) this.#notTaken();
    if (module.storeSeconds > 0) this.#store(digest, text, takenAt, module.storeSeconds, context);
    if (result !== 0) instance.end(digest, began);
    return step;
  }

  async #readKv(digest: string): Promise<Outcome> {
    const { snapshots, timeoutMs, counters, onError } = this.#options;
    if (snapshots.kvGet === undefined) return nothing(404);
    counters.kvReads++;
    try {
      const stored = await within(timeoutMs, snapshots.kvGet(digest));
      if (stored === null) return nothing(404);
      const { text, takenAt } = stored;
      if (!(Math.abs(takenAt) <= MAX_INSTANT)) throw new Error("what is stored does not say when it was taken");
      return { status: 200, text, takenAt };
    } catch (error) {
      counters.kvReadsFailed++;
      onError(error, "a snapshot could not be read from KV");
      return nothing(0);
    }
  }

  async #ask(digest: string): Promise<Outcome> {
    const { snapshots, timeoutMs, counters, onError, now } = this.#options;
    counters.lookups++;
    // What is consumed while the answer is on its way may be missing in it.
    const asked = now();
    try {
      const { status, text } = await doneWithin(timeoutMs, (signal) => snapshots.fetch(digest, signal));
      if (status === 401 || status === 403) this.#credentialRefused(status);
      if (status === 401 || status === 403 || status === 404) return nothing(status);
      if (status !== 200 || text === undefined) throw new Error(`the control plane answered ${status}`);
      return { status, text, takenAt: asked };
    } catch (error) {
      counters.lookupsFailed++;
      onError(error, "the control plane could not be asked for a snapshot");
      return nothing(0);
    }
  }

  /** Goes on for every key until somebody renews the credential: counted each time, told once a minute. */
  #credentialRefused(status: number): void {
    const { counters, onError } = this.#options;
    counters.credentialRefused++;
    const now = performance.now();
    if (now - this.#credentialTold < CREDENTIAL_NOTICE_MS) return;
    this.#credentialTold = now;
    const error = new Error(`it answers ${status}; keys that are known go on for as long as an outage allows`);
    onError(error, "the control plane refuses the credential of this gateway");
  }

  #notTaken(): void {
    this.#options.counters.lookupsFailed++;
    const error = new Error("it is none, of another key or bucket, or older than what is known");
    this.#options.onError(error, "the control plane's snapshot was not taken");
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
  if (result !== 0) return { result, effect: Effect.none, digest: "" };
  return { result, effect: module.effect, digest: module.digest };
}

/** The outcome without a snapshot. */
function nothing(status: number): Outcome {
  return { status, text: "", takenAt: 0 };
}
