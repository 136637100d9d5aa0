// P3: a key that nobody has cached. Its snapshot's text goes into the module, is decoded, cached and decided upon;
// beside that, JSON.parse of the same text, which decides nothing yet. The same on every JavaScript host.

import { EdgeModule, Gate } from "tollgate";
import { instantiate } from "../contenders/abi.mjs";
import { CACHED_KEYS, headerOf, largeSnapshot, NOW, policies, snapshot } from "../workload.mjs";

/** Look-ups that may be open at one moment: the module has room for 256. */
const CHUNK = 64;
const WARM_UP_CHUNKS = 200;
const CHUNKS = 40;
const ROUNDS = 11;
/** More subscriptions than the cache has records, so that it evicts for each and no two cached keys share one. */
const TEXTS = CACHED_KEYS + CHUNK;

const sizes = { "1.5 KB": snapshot, "6 KB": largeSnapshot };

/**
 * Nanoseconds per snapshot, one sample a round.
 *
 * @param size of the snapshots: `"1.5 KB"` or `"6 KB"`
 * @returns `[{contender, samples, bytes}]`
 */
export async function measureCold(size, { modules, Stopwatch }) {
  const make = sizes[size];
  const build = (name) => ({ name, module: modules[name] });
  const decoders = [
    edgeModule(build("wasi")),
    edgeModule(build("emscripten")),
    abi(build("wasi")),
    resumeOnly(build("wasi")),
    gate(build("wasi")),
    jsonParse(),
  ];
  for (const decoder of decoders) await verify(decoder, make);

  const nextChunk = chunksOf(make);
  const results = decoders.map(({ name }) => ({ contender: name, samples: [] }));
  for (const decoder of decoders) await timeChunks(decoder, nextChunk, Stopwatch, WARM_UP_CHUNKS);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < decoders.length; i++) {
      const turn = (i + round) % decoders.length;
      results[turn].samples.push(await timeChunks(decoders[turn], nextChunk, Stopwatch, CHUNKS));
    }
  }
  const bytes = JSON.stringify(make(1)).length;
  return results.map((result) => ({ ...result, bytes }));
}

/** Makes chunks of fresh headers with snapshots: `{headers, texts}`. */
function chunksOf(make) {
  // Flat strings, as a response's body is one.
  const texts = JSON.parse(JSON.stringify(Array.from({ length: TEXTS }, (_, i) => JSON.stringify(make(i)))));
  let count = 0;
  return () => {
    const places = Array.from({ length: CHUNK }, () => count++);
    return {
      headers: JSON.parse(JSON.stringify(places.map((place) => coldHeader(place)))),
      texts: places.map((place) => texts[place % TEXTS]),
    };
  };
}

const coldHeader = (number) => headerOf(`bench_cold_${String(number).padStart(39, "0")}`);

async function timeChunks(decoder, nextChunk, Stopwatch, chunks) {
  const stopwatch = new Stopwatch();
  for (let i = 0; i < chunks; i++) {
    const chunk = nextChunk();
    const prepared = decoder.prepare(chunk);
    stopwatch.start();
    const decoded = await decoder.run(prepared);
    stopwatch.stop();
    if (decoded !== CHUNK) throw new Error(`${decoder.name} did not decode snapshot ${decoded} of a chunk`);
  }
  return stopwatch.ns / (chunks * CHUNK);
}

// ---- what decodes

const asItIs = (chunk) => chunk;

function jsonParse() {
  return {
    name: "JSON.parse",
    prepare: asItIs,
    run({ texts }) {
      for (let i = 0; i < texts.length; i++) {
        if (JSON.parse(texts[i]).status !== "active") return i;
      }
      return texts.length;
    },
    remaining: (_, text) => JSON.parse(text).entitlements.api_requests.balance,
  };
}

/** The npm package's module: check, then resume with the text. */
function edgeModule({ name, module }) {
  const edge = new EdgeModule(module, { policies: JSON.stringify(policies) });
  return {
    name: `check + resume, ${name}`,
    prepare: asItIs,
    run({ headers, texts }) {
      for (let i = 0; i < headers.length; i++) {
        if (edge.check(0, headers[i], NOW) !== 0) return i;
        const handle = edge.resume(edge.handle, 200, texts[i], NOW, NOW);
        if (handle <= 0) return i;
        edge.abandon(handle);
      }
      return headers.length;
    },
    remaining(header, text) {
      edge.check(0, header, NOW);
      let handle = edge.resume(edge.handle, 200, text, NOW, NOW);
      let allowed = 0;
      for (; handle > 0; allowed++) {
        edge.finish(handle, 200, "");
        handle = edge.check(0, header, NOW);
      }
      return allowed;
    },
  };
}

const HANDLE = 4;

/** The same by the bare calls. */
function abi({ name, module }) {
  const { calls, words, put } = instantiate(module, policies);
  const resume = (text) => calls.tg_resume(words[HANDLE], 200, put(text), NOW, NOW);
  return {
    name: `ABI, check + resume, ${name}`,
    prepare: asItIs,
    run({ headers, texts }) {
      for (let i = 0; i < headers.length; i++) {
        if (calls.tg_check(0, put(headers[i]), NOW) !== 0) return i;
        const handle = resume(texts[i]);
        if (handle <= 0) return i;
        calls.tg_abandon(handle);
      }
      return headers.length;
    },
    remaining(header, text) {
      calls.tg_check(0, put(header), NOW);
      let handle = resume(text);
      let allowed = 0;
      for (; handle > 0; allowed++) {
        calls.tg_finish(handle, 200, 0);
        handle = calls.tg_check(0, put(header), NOW);
      }
      return allowed;
    },
  };
}

/** Only the call that takes the snapshot, with the copy. */
function resumeOnly({ name, module }) {
  const whole = abi({ name, module });
  const { calls, words, put } = instantiate(module, policies);
  return {
    name: `ABI, resume only, ${name}`,
    prepare({ headers, texts }) {
      const handles = headers.map((header) => {
        if (calls.tg_check(0, put(header), NOW) !== 0) throw new Error("a new key is not looked up");
        return words[HANDLE];
      });
      return { handles, texts };
    },
    run({ handles, texts }) {
      for (let i = 0; i < handles.length; i++) {
        const allowed = calls.tg_resume(handles[i], 200, put(texts[i]), NOW, NOW);
        if (allowed <= 0) return i;
        calls.tg_abandon(allowed);
      }
      return handles.length;
    },
    remaining: whole.remaining,
  };
}

/** The whole look-up of the npm package: promises, time-outs, and the text kept for who asks for its subscription. */
function gate({ name, module }) {
  let text = "";
  const gate = new Gate({
    policies,
    module,
    snapshots: { fetch: async () => ({ status: 200, text }) },
    events: { send: async () => {} },
    now: () => NOW,
  });
  const decide = async (header) => gate.check(0, header, NOW) || (await gate.settle(0)).result;
  return {
    name: `Gate, whole look-up, ${name}`,
    prepare: asItIs,
    async run({ headers, texts }) {
      for (let i = 0; i < headers.length; i++) {
        text = texts[i];
        const result = await decide(headers[i]);
        if (result <= 0) return i;
        gate.abandon(result);
      }
      return headers.length;
    },
    async remaining(header, given) {
      text = given;
      let result = await decide(header);
      let allowed = 0;
      for (; result > 0; allowed++) {
        gate.finish(result, 200);
        result = gate.check(0, header, NOW);
      }
      return allowed;
    },
  };
}

/** Every decoder finds the same balance in a snapshot. */
async function verify(decoder, make) {
  for (const balance of [1, 3, 17]) {
    const given = make(balance);
    given.entitlements.api_requests.balance = balance;
    const header = headerOf(`bench_verify_${balance}`);
    const found = await decoder.remaining(header, JSON.stringify(given));
    if (found !== balance) throw new Error(`${decoder.name} finds a balance of ${found}, not ${balance}`);
  }
}
