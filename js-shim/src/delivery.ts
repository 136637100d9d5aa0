import { MAX_BATCH_EVENTS } from "./abi.js";
import type { Counters } from "./counters.js";
import type { EdgeModule, EventBatch } from "./edge-module.js";
import { type BackgroundContext, delay, type EventSink, unref, within } from "./effects.js";

/** How events leave. */
interface DeliveryOptions {
  sink: EventSink;
  flushIntervalMs: number;
  sendTimeoutMs: number;
  batchesAtOnce: number;
  now: () => number;
  onError: (error: unknown, what: string) => void;
  onTrap: (error: unknown, module: EdgeModule) => void;
  counters: Counters;
}

/** How long after a failed send the next try waits at most; it doubles from the flush interval. */
const MAX_BACKOFF_MS = 30_000;

/** A batch that is under way. */
interface Out {
  module: EdgeModule;
  batch: EventBatch;
  since: number;
  /** How many times in a row sending had failed when it left. */
  failures: number;
}

/**
 * Takes events out of a module and to the sink, behind the responses. Several batches are under way at once, each is
 * confirmed on its own; a failed one goes back and is sent again, by a timer where the host's timers outlive requests,
 * else behind a later request. While sending fails, one batch at a time tries whether it works again.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  #module: EdgeModule;
  readonly #out = new Set<Out>();
  #failures = 0;
  /** Events in the module that are not under way, when last heard of. */
  #waiting = 0;
  /** From one time to the other nothing needs to be planned: a flush is, and not overdue. */
  #quietFrom = 0;
  #quietUntil = 0;
  /** Whether the flush that is planned comes at once. */
  #urgent = false;
  /** Events that the module had lost when it was last asked. */
  #moduleLost = 0;

  constructor(module: EdgeModule, options: DeliveryOptions) {
    this.#module = module;
    this.#options = options;
  }

  /** Goes on with another instance; what waited in the former one is gone, but not the batches that are under way. */
  replaceModule(module: EdgeModule): void {
    this.#options.counters.eventsLost += this.#waiting;
    this.#waiting = 0;
    this.#module = module;
    this.#moduleLost = 0;
    this.#quietUntil = 0;
  }

  /**
   * To be told by every request that ends how many events wait now; has them sent, at once where they fill a batch.
   * `now` may be a moment old: a clock costs more than a decision, so a request's own reading of it has to do.
   */
  recorded(waiting: number, now: number, context: BackgroundContext | undefined): void {
    this.#waiting = waiting;
    // A clock that was put back is no reason to wait until it has caught up (T4).
    const isQuiet = now >= this.#quietFrom && now < this.#quietUntil;
    if (!isQuiet || (waiting >= MAX_BATCH_EVENTS && this.#hurries())) this.#plan(now, context);
  }

  /** Whether a full batch may go before the flush that is planned. */
  #hurries(): boolean {
    return !this.#urgent && this.#failures === 0 && this.#out.size < this.#options.batchesAtOnce;
  }

  #plan(now: number, context: BackgroundContext | undefined): void {
    if (this.#waiting === 0) return;
    const { flushIntervalMs } = this.#options;
    this.#urgent = this.#waiting >= MAX_BATCH_EVENTS && this.#failures === 0;
    const wait = this.#urgent ? 0 : Math.min(flushIntervalMs * 2 ** this.#failures, MAX_BACKOFF_MS);
    // A plan made by a request that went away never comes true: it is overdue then, and made anew.
    this.#quietFrom = now;
    this.#quietUntil = now + wait + flushIntervalMs + 1_000;
    if (context === undefined) {
      unref(setTimeout(() => void this.flush(undefined), wait));
    } else {
      context.waitUntil(delay(wait).then(() => this.flush(context)));
    }
  }

  /**
   * Sends what there is, batch after batch and several at once, until nothing is left or a send fails; resolves when
   * those that it started are over. Never rejects.
   */
  async flush(context: BackgroundContext | undefined): Promise<void> {
    this.#quietUntil = 0;
    this.#urgent = false;
    const module = this.#module;
    const own = new Set<Promise<void>>();
    try {
      this.noteLost();
      this.#giveUpOverdue();
      for (let mayTry = true; module === this.#module; mayTry = this.#failures === 0) {
        while (mayTry && this.#hasRoom()) {
          const batch = module.drain();
          if (batch === undefined) break;
          const sending = this.#carry(module, batch).finally(() => own.delete(sending));
          own.add(sending);
        }
        if (own.size === 0) break;
        // After a failure the next try is the plan's.
        await Promise.race(own);
      }
      if (this.#failures > 0 && this.#quietUntil === 0) this.#plan(this.#options.now(), context);
    } catch (error) {
      // The sink's errors are handled where it is called: this one is the module's.
      this.#options.onTrap(error, module);
    }
    await Promise.allSettled(own);
  }

  /** The first batch takes what there is; further ones are worth their message when they are full. */
  #hasRoom(): boolean {
    if (this.#out.size === 0) return true;
    return this.#failures === 0 && this.#out.size < this.#options.batchesAtOnce && this.#waiting >= MAX_BATCH_EVENTS;
  }

  /** Sends one batch and confirms it. */
  async #carry(module: EdgeModule, batch: EventBatch): Promise<void> {
    this.#waiting = Math.max(0, this.#waiting - batch.events);
    const out = { module, batch, since: this.#options.now(), failures: this.#failures };
    this.#out.add(out);
    const sent = await this.#send(out);
    // One that was given up meanwhile has been handed out again, under the same ids.
    if (this.#out.delete(out)) this.#confirm(out, sent);
  }

  #confirm({ module, batch }: Out, sent: boolean): void {
    const { counters } = this.#options;
    if (sent) {
      counters.batchesSent++;
      counters.eventsSent += batch.events;
    } else {
      counters.batchesFailed++;
    }
    if (module !== this.#module) {
      if (!sent) counters.eventsLost += batch.events;
    } else if (sent) {
      module.delivered(batch.id);
    } else {
      module.failed(batch.id);
      this.#waiting += batch.events;
    }
  }

  /** A batch that is under way for too long belonged to a request that was ended: it goes back. */
  #giveUpOverdue(): void {
    const now = this.#options.now();
    for (const out of this.#out) {
      if (Math.abs(now - out.since) < 2 * this.#options.sendTimeoutMs) continue;
      this.#out.delete(out);
      this.#confirm(out, false);
    }
  }

  /** Counts what the module has lost since it was last asked; it cannot be asked any more once it has trapped. */
  noteLost(): void {
    const { eventsLost = 0 } = this.#module.stats();
    this.#options.counters.eventsLost += eventsLost - this.#moduleLost;
    this.#moduleLost = eventsLost;
  }

  async #send({ batch, failures }: Out): Promise<boolean> {
    const { sink, sendTimeoutMs, onError } = this.#options;
    try {
      await within(sendTimeoutMs, sink.send(batch.text, batch.events));
      // One that left before something failed does not say that it works again.
      if (failures === this.#failures) this.#failures = 0;
      return true;
    } catch (error) {
      // Several that fail together are one failure.
      this.#failures = Math.max(this.#failures, failures + 1);
      onError(error, "events were not delivered and will be sent again");
      return false;
    }
  }
}
