import { quantile } from "../statistics.mjs";

const NS_PER_MS = 1e6;

/**
 * Adds up nanoseconds by a clock that shows whole milliseconds, as workerd's does. What is timed starts at the edge of
 * a millisecond; when it stops, we count how often the clock can still be read before the next edge, and in the whole
 * millisecond after that: the counts differ by what was timed.
 *
 * Another process that gets the processor meanwhile spoils a count, and makes it smaller. So the upper quartile of the
 * counts stands for all of them; what the garbage collector takes in a part of the intervals is lost with the rest.
 */
export class EdgeStopwatch {
  #startedAt = 0;
  #intervals = [];
  #wholeMs = [];

  start() {
    this.#startedAt = nextEdge().at;
  }

  stop() {
    const { at, reads } = nextEdge();
    this.#intervals.push({ ms: at - this.#startedAt, readsAfter: reads });
    this.#wholeMs.push(nextEdge().reads);
  }

  get ns() {
    const readsPerMs = quantile(this.#wholeMs, 0.75);
    const lengths = this.#intervals.map(({ ms, readsAfter }) => ms - readsAfter / readsPerMs);
    return quantile(lengths, 0.25) * lengths.length * NS_PER_MS;
  }
}

/** Reads the clock until it moves: what it shows then, and how often it was read. */
function nextEdge() {
  const from = performance.now();
  let reads = 0;
  let at = from;
  while (at === from) {
    at = performance.now();
    reads++;
  }
  return { at, reads };
}
