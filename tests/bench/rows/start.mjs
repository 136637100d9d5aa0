// P5: from the module's bytes to an instance that decides. The same on every JavaScript host; where bytes may not be
// compiled (workerd), it begins with the compiled module.

import { EdgeModule } from "tollgate";
import { instantiate } from "../contenders/abi.mjs";
import { policies } from "../workload.mjs";

const REPEATS = 9;
const WARM_UP_ROUNDS = 3;
const ROUNDS = 11;

/**
 * Nanoseconds of each step, one sample a round, and the bytes of an instance's memory.
 *
 * @param host `{bytes, modules, Stopwatch}`; `bytes` by toolchain, undefined where compiling is not allowed
 * @returns `{steps: [{contender, what, samples}], memoryBytes}`
 */
export async function measureStart(build, { bytes, modules, Stopwatch }) {
  const module = modules[build];
  const steps = {
    instantiate: () => new WebAssembly.Instance(module, {}),
    "instantiate, tg_init, tg_configure": () => instantiate(module, policies),
    "new EdgeModule": () => new EdgeModule(module, { policies: JSON.stringify(policies) }),
  };
  if (bytes !== undefined) {
    const fresh = distinct(bytes[build]);
    steps.compile = () => new WebAssembly.Module(fresh());
    steps["bytes to first decision"] = () => firstDecision(new WebAssembly.Module(fresh()));
  }
  const results = Object.keys(steps).map((what) => ({ contender: build, what, samples: [] }));
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    Object.values(steps).forEach((step, i) => {
      const sample = time(step, Stopwatch);
      if (round >= 0) results[i].samples.push(sample);
    });
    // Lets the engine collect instances, of which each holds 4 MiB.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { steps: results, memoryBytes: new WebAssembly.Instance(module, {}).exports.memory.buffer.byteLength };
}

function time(step, Stopwatch) {
  const stopwatch = new Stopwatch();
  for (let i = 0; i < REPEATS; i++) {
    stopwatch.start();
    step();
    stopwatch.stop();
  }
  return stopwatch.ns / REPEATS;
}

function firstDecision(module) {
  const { calls, put } = instantiate(module, policies);
  if (calls.tg_check(0, put("Bearer unknown"), 1) !== 0) throw new Error("an unknown key is decided without a look-up");
}

/** The module in bytes that the engine has not seen: with a custom section that says another number each time. */
function distinct(bytes) {
  const CUSTOM_SECTION = 0;
  const CONTENT_BYTES = 6;
  let count = 0;
  return () => {
    const number = new Uint8Array(new Uint32Array([count++]).buffer);
    const section = [CUSTOM_SECTION, CONTENT_BYTES, 1, "n".charCodeAt(0), ...number];
    return Uint8Array.from([...bytes, ...section]);
  };
}
