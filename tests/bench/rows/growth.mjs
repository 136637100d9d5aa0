// P11: more and more keys are known, of which the cache holds 4 096; 99 of 100 requests come with one that it holds.

import { instantiate } from "../contenders/abi.mjs";
import { CACHED_KEYS, headerOf, NOW, policies, random, snapshot } from "../workload.mjs";

const KEY_COUNTS = [10, 100, 1_000, 10_000, 100_000];

const CHUNK = 256;
const WARM_UP_CHUNKS = 400;
const CHUNKS = 60;
const ROUNDS = 11;
/** Keys that 99 of 100 requests come with; the rest of the cache is what the other keys take from each other. */
const MOST_BUSY_KEYS = CACHED_KEYS - 400;
const LOOKUPS_PER_CHUNK = Math.round(CHUNK / 100);
const MAX_BATCH_EVENTS = 100;

const HANDLE = 4;
const BATCH = 10;

/**
 * Nanoseconds of a decision on a cached key, by the number of known keys; what misses cost is not in it.
 * @returns `[{contender, samples, missed}]`; `missed`: busy keys that had been evicted, as a share of all requests
 */
export async function measureGrowth(build, { modules, Stopwatch }) {
  const populations = KEY_COUNTS.map((count) => new Population(count, modules[build]));
  for (const population of populations) population.serve(WARM_UP_CHUNKS, Stopwatch);
  const results = populations.map(({ name }) => ({ contender: name, samples: [] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < populations.length; i++) {
      const turn = (i + round) % populations.length;
      results[turn].samples.push(populations[turn].serve(CHUNKS, Stopwatch));
    }
  }
  return results.map((result, i) => ({ ...result, missed: populations[i].missed }));
}

/** Known keys, a part of them busy, and an instance that serves them. */
class Population {
  #edge;
  #count;
  #busy;
  #pick = random(31);
  #asked = 0;
  #evicted = 0;

  constructor(count, module) {
    this.#edge = instantiate(module, policies);
    this.#count = count;
    this.#busy = Math.min(count, MOST_BUSY_KEYS);
    for (let number = 0; number < this.#busy; number++) this.#lookUp(number);
  }

  get name() {
    return `${this.#count.toLocaleString("en")} keys`;
  }

  get missed() {
    return this.#evicted / this.#asked;
  }

  serve(chunks, Stopwatch) {
    const stopwatch = new Stopwatch();
    let decided = 0;
    for (let i = 0; i < chunks; i++) {
      if (this.#count > this.#busy) this.#lookUpOthers();
      const numbers = Array.from({ length: CHUNK }, () => this.#pick(this.#busy));
      const headers = JSON.parse(JSON.stringify(numbers.map(headerOfNumber)));
      stopwatch.start();
      const missed = decideAll(this.#edge, headers);
      stopwatch.stop();
      decided += CHUNK - missed.length;
      this.#evicted += missed.length;
      for (const place of missed) this.#lookUp(numbers[place]);
      this.#drain();
    }
    this.#asked += chunks * CHUNK;
    return stopwatch.ns / decided;
  }

  #lookUpOthers() {
    for (let i = 0; i < LOOKUPS_PER_CHUNK; i++) this.#lookUp(this.#busy + this.#pick(this.#count - this.#busy));
  }

  #lookUp(number) {
    const { calls, words, put } = this.#edge;
    let result = calls.tg_check(0, put(headerOfNumber(number)), NOW);
    if (result === 0) result = calls.tg_resume(words[HANDLE], 200, put(JSON.stringify(snapshot(number))), NOW, NOW);
    if (result <= 0) throw new Error(`a known key is answered with ${result}`);
    calls.tg_abandon(result);
  }

  #drain() {
    const { calls, words } = this.#edge;
    while (calls.tg_drain(MAX_BATCH_EVENTS) > 0) calls.tg_delivered(words[BATCH]);
  }
}

const headerOfNumber = (number) => headerOf(`bench_known_${String(number).padStart(38, "0")}`);

/** Decides and ends each; returns the places of those whose key is not cached any more. */
function decideAll({ calls, words, put }, headers) {
  const missed = [];
  for (let i = 0; i < headers.length; i++) {
    const handle = calls.tg_check(i & 3, put(headers[i]), NOW + 1);
    if (handle > 0) calls.tg_finish(handle, 200, 0);
    else missed.push(i);
    if (handle === 0) calls.tg_abandon(words[HANDLE]);
  }
  return missed;
}
