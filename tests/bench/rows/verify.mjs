// Before anything is timed: every contender gives the same answer to every question, and its events add up to the same.

import { ASKED_AT, expectedUsage, questions } from "../workload.mjs";

/** @throws Error that names the contender and the first question it answers otherwise */
export async function verify(contender) {
  await contender.drain();
  for (const [i, question] of questions.entries()) {
    const answer = await contender.answer(question, ASKED_AT);
    if (answer !== question.answer) {
      throw new Error(`${contender.name} answers question ${i} with ${answer}, not ${question.answer}`);
    }
    if (i % 100 === 0) addUp(contender, await contender.drain());
  }
  addUp(contender, await contender.drain());
  compareUsage(contender);
}

const totals = new WeakMap();

function addUp(contender, batches) {
  const usage = totals.get(contender) ?? new Map();
  totals.set(contender, usage);
  for (const { subscription, type, data } of batches.flatMap((batch) => JSON.parse(batch))) {
    const name = `${subscription} ${type}`;
    usage.set(name, (usage.get(name) ?? 0) + data.total);
  }
}

function compareUsage(contender) {
  const expected = expectedUsage();
  const usage = totals.get(contender);
  for (const name of new Set([...expected.keys(), ...usage.keys()])) {
    if (expected.get(name) !== usage.get(name)) {
      throw new Error(`${contender.name} recorded ${usage.get(name)} of ${name}, not ${expected.get(name)}`);
    }
  }
}
