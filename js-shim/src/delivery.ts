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
  #failures = 0;
  /** Events in the module, when last heard of. Told by every request that ends, so it is a field and not a call. */
  waiting = 0;
  /** Before this time nothing needs to be planned: a flush is, and not overdue. */
  quietUntil = 0;

  constructor(module: EdgeModule, options: DeliveryOptions) {
    this.#module = module;
    this.#options = options;
  }

  /** Goes on with another instance; what the former one held is gone, but not a batch that is out. */
  replaceModule(module: EdgeModule): void {
    this.#options.counters.eventsLost += this.waiting;
    this.waiting = 0;
    this.#module = module;
    this.quietUntil = 0;
  }

  /**
   * Plans a flush of the events that wait; to be called when `now` has reached {@link quietUntil}. `now` may be a moment
   * old: a clock costs more than a decision, so a request's own reading of it has to do.
   */
  plan(now: number, context: BackgroundContext | undefined): void {
    if (this.waiting === 0) return;
    const { flushIntervalMs } = this.#options;
    const backoff = Math.min(flushIntervalMs * 2 ** this.#failures, MAX_BACKOFF_MS);
    const wait = this.waiting >= MAX_BATCH_EVENTS && this.#failures === 0 ? 0 : backoff;
    // A plan made by a request that went away never comes true: it is overdue then, and made anew.
    this.quietUntil = now + wait + flushIntervalMs + 1_000;
    if (context === undefined) {
      unref(setTimeout(() => void this.flush(undefined), wait));
    } else {
      context.waitUntil(delay(wait).then(() => this.flush(context)));
    }
  }

  /** Sends what there is, batch after batch, until nothing is left or a send fails. Never rejects. */
  async flush(context: BackgroundContext | undefined): Promise<void> {
    this.quietUntil = 0;
    const module = this.#module;
    try {
      if (this.#busy()) return;
      while (await this.#deliverOne(module)) {}
      if (this.#failures > 0) this.plan(this.#options.now(), context);
    } catch (error) {
      // The sink's errors are handled where it is called: this one is the module's.
      this.#options.onTrap(error, module);
    }
  }

  /** Sends one batch. False when there was none, it failed, or it is no longer this flush's to send. */
  async #deliverOne(module: EdgeModule): Promise<boolean> {
    const batch = module.drain();
    if (batch === undefined) return false;
    this.waiting = Math.max(0, this.waiting - batch.events);
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
      this.waiting += batch.events;
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
