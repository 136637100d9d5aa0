// P1: decides requests whose keys are cached, again and again. The same on every JavaScript host.

import { makeContenders } from "../contenders/index.mjs";
import * as workload from "../workload.mjs";
import { verify } from "./verify.mjs";

/** Requests between two drains: they make about 450 events, and the module's outbox holds 1 024. */
const CHUNK = 256;
const WARM_UP_CHUNKS = 150;
const CHUNKS = 40;
const ROUNDS = 11;

/**
 * Nanoseconds per decision of each contender of a group, one sample a round: without the drain that follows a chunk,
 * and with it.
 *
 * @param host `{modules, Stopwatch}`: compiled modules by toolchain; what adds up nanoseconds between start() and
 * stop()
 * @returns `[{contender, samples, drained}]`
 */
export async function measureWarm(group, host) {
  const world = { ...workload, now: workload.NOW, ttlMs: workload.TTL_SECONDS * 1000 };
  const contenders = await makeContenders(group, world, host);
  for (const contender of contenders) await verify(contender);

  const nextChunk = workload.headerChunks(CHUNK, 4711);
  for (const contender of contenders) await timeChunks(contender, nextChunk, host, WARM_UP_CHUNKS);

  const results = contenders.map(({ name }) => ({ contender: name, samples: [], drained: [] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const turn = (i + round) % contenders.length;
      const { decided, drained } = await timeChunks(contenders[turn], nextChunk, host, CHUNKS);
      results[turn].samples.push(decided);
      results[turn].drained.push(decided + drained);
    }
  }
  return results;
}

/** Nanoseconds per decision, over `chunks` of them. */
async function timeChunks(contender, nextChunk, { Stopwatch }, chunks) {
  const deciding = new Stopwatch();
  const draining = new Stopwatch();
  for (let i = 0; i < chunks; i++) {
    const headers = nextChunk();
    contender.prepare?.();
    deciding.start();
    const allowed = contender.run(headers, workload.ASKED_AT);
    deciding.stop();
    if (allowed !== CHUNK) throw new Error(`${contender.name} refused request ${allowed} of a chunk`);
    draining.start();
    await contender.drain();
    draining.stop();
  }
  const decisions = chunks * CHUNK;
  return { decided: deciding.ns / decisions, drained: draining.ns / decisions };
}
