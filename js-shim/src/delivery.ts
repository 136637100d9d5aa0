import { MAX_BATCH_EVENTS } from "./abi.js";
import type { Counters } from "./counters.js";
import type { EdgeModule } from "./edge-module.js";
import { type BackgroundContext, delay, type EventSink, unref, within } from "./effects.js";

/** How events leave. */
export interface DeliveryOptions {
  sink: EventSink;
  flushIntervalMs: number;
  sendTimeoutMs: number;
  now: () => number;
  onError: (error: unknown, what: string) => void;
  onTrap: (error: unknown, module: EdgeModule) => void;
  counters: Counters;
}

/** How long after a failed send the next try waits at most; it doubles from the flush interval. */
const MAX_BACKOFF_MS = 30_000;

/**
 * Takes events out of a module and to the sink, behind the responses. One batch is out at a time; a failed one goes
 * back and is sent again, by a timer where the host's timers outlive requests, else behind a later request.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  #module: EdgeModule;
  /** The batch that is out, and when it left. */
  #out: { module: EdgeModule; batch: number; since: number } | undefined;
  /** When the flush that is planned should have begun; undefined: none is. */
  #plannedFor: number | undefined;
  #failures = 0;
  /** Events in the module, when last heard of. */
  #waiting = 0;

  constructor(module: EdgeModule, options: DeliveryOptions) {
    this.#module = module;
    this.#options = options;
  }

  /** Goes on with another instance; what the former one held is gone, but not a batch that is out. */
  replaceModule(module: EdgeModule): void {
    this.#options.counters.eventsLost += this.#waiting;
    this.#waiting = 0;
    this.#module = module;
    this.#plannedFor = undefined;
  }

  /**
   * The module holds so many events: plans a flush, unless one is planned. `now` may be a moment old: a clock costs more
   * than a decision, so a request's own reading of it has to do.
   */
  plan(events: number, now: number, context: BackgroundContext | undefined): void {
    this.#waiting = events;
    if (events === 0) return;
    const { flushIntervalMs } = this.#options;
    // A plan made by a request that went away never comes true: it is overdue, and made anew.
    if (this.#plannedFor !== undefined && now < this.#plannedFor + flushIntervalMs + 1_000) return;
    const backoff = Math.min(flushIntervalMs * 2 ** this.#failures, MAX_BACKOFF_MS);
    const wait = events >= MAX_BATCH_EVENTS && this.#failures === 0 ? 0 : backoff;
    this.#plannedFor = now + wait;
    if (context === undefined) {
      unref(setTimeout(() => void this.flush(undefined), wait));
    } else {
      context.waitUntil(delay(wait).then(() => this.flush(context)));
    }
  }

  /** Sends what there is, batch after batch, until nothing is left or a send fails. Never rejects. */
  async flush(context: BackgroundContext | undefined): Promise<void> {
    this.#plannedFor = undefined;
    const module = this.#module;
    try {
      if (this.#busy()) return;
      while (await this.#deliverOne(module)) {}
      if (this.#failures > 0) this.plan(this.#waiting, this.#options.now(), context);
    } catch (error) {
      // The sink's errors are handled where it is called: this one is the module's.
      this.#options.onTrap(error, module);
    }
  }

  /** Sends one batch. False when there was none, it failed, or it is no longer this flush's to send. */
  async #deliverOne(module: EdgeModule): Promise<boolean> {
    const batch = module.drain();
    if (batch === undefined) return false;
    this.#waiting = Math.max(0, this.#waiting - batch.events);
    const out = { module, batch: batch.id, since: this.#options.now() };
    this.#out = out;
    const sent = await this.#send(batch.text, batch.events);
    if (this.#out !== out) return false;
    this.#out = undefined;
    if (module !== this.#module) {
      if (!sent) this.#options.counters.eventsLost += batch.events;
      return false;
    }
    if (sent) {
      module.delivered(batch.id);
    } else {
      module.failed(batch.id);
      this.#waiting += batch.events;
    }
    return sent;
  }

  /** Whether a batch is out. One that has been for too long belonged to a request that was ended: it goes back. */
  #busy(): boolean {
    if (this.#out === undefined) return false;
    if (this.#options.now() < this.#out.since + 2 * this.#options.sendTimeoutMs) return true;
    if (this.#out.module === this.#module) this.#module.failed(this.#out.batch);
    this.#out = undefined;
    return false;
  }

  async #send(text: string, events: number): Promise<boolean> {
    const { counters, sink, sendTimeoutMs, onError } = this.#options;
    try {
      await within(sendTimeoutMs, sink.send(text, events));
      counters.batchesSent++;
      counters.eventsSent += events;
      this.#failures = 0;
      return true;
    } catch (error) {
      counters.batchesFailed++;
      this.#failures++;
      onError(error, "events were not delivered and will be sent again");
      return false;
    }
  }
}
