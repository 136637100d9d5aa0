// P10: rating of (price, usage) pairs, from the text of the usage to the text of the total. The same on every
// JavaScript host; beside the calculator of the npm package, decimal.js.

import { Calculator } from "tollgate/calculator";
import { makeDecimalRater } from "../contenders/decimal.mjs";
import { pairs, prices } from "../rating-workload.mjs";

const ROUNDS = 11;
const WARM_UP_PASSES = 20;
const PASSES = 5;

/**
 * Nanoseconds per rating, one sample a round.
 *
 * @param _argument every task has one
 * @param ratings the rating module by build
 * @returns `[{contender, samples}]`
 */
export async function measureRating(_argument, { ratings, Stopwatch }) {
  const contenders = [
    totals("total, wasi", ratings.wasi),
    totals("total, emscripten", ratings.emscripten),
    explanations("rate, wasi", ratings.wasi),
    makeDecimalRater(),
  ];
  const expected = expectedTotals();
  for (const { name, total } of contenders) {
    pairs.forEach((pair, i) => {
      const got = total(pair);
      if (got !== expected[i]) throw new Error(`${name}: pair ${i} comes to ${got}, not ${expected[i]}`);
    });
  }
  const results = contenders.map(({ name }) => ({ contender: name, samples: [] }));
  for (const contender of contenders) time(contender, WARM_UP_PASSES, Stopwatch);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const turn = (i + round) % contenders.length;
      results[turn].samples.push(time(contenders[turn], PASSES, Stopwatch));
    }
  }
  return results;
}

/** What every contender must answer. */
export function expectedTotals() {
  return pairs.map(makeDecimalRater().total);
}

function time({ name, run }, passes, Stopwatch) {
  const stopwatch = new Stopwatch();
  for (let i = 0; i < passes; i++) {
    stopwatch.start();
    const characters = run();
    stopwatch.stop();
    if (characters === 0) throw new Error(`${name} answers nothing`);
  }
  return stopwatch.ns / (passes * pairs.length);
}

// Each has a loop of its own, in which the engine sees one kind of call.

/** The total alone. */
function totals(name, module) {
  const known = knownTo(module);
  return {
    name,
    total: ({ price, usage }) => known[price].total(usage),
    run() {
      let characters = 0;
      for (const { price, usage } of pairs) characters += known[price].total(usage).length;
      return characters;
    },
  };
}

/** How each total comes about, as JSON. */
function explanations(name, module) {
  const known = knownTo(module);
  return {
    name,
    total: ({ price, usage }) => known[price].rate(usage).total,
    run() {
      let characters = 0;
      for (const { price, usage } of pairs) characters += known[price].rateText(usage).length;
      return characters;
    },
  };
}

function knownTo(module) {
  const calculator = new Calculator(module);
  return prices.map((price) => calculator.price(price));
}
