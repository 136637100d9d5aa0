// The bare calls of wasm/ABI.md, without the npm package: what the package costs is the difference.

/** Words of the mailbox. */
const INPUT = 0;
const INPUT_CAPACITY = 1;
const OUTPUT = 2;
const OUTPUT_CAPACITY = 3;
const HANDLE = 4;
const RECORD = 6;
const BATCH = 10;
const WORDS = 13;

const SEED_BYTES = 32;
const MAX_BATCH_EVENTS = 100;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An instance with its views, configured. */
export function instantiate(module, policies) {
  const calls = new WebAssembly.Instance(module, {}).exports;
  const { buffer } = calls.memory;
  const words = new Uint32Array(buffer, calls.tg_mailbox(), WORDS);
  const input = new Uint8Array(buffer, words[INPUT], words[INPUT_CAPACITY]);
  const output = new Uint8Array(buffer, words[OUTPUT], words[OUTPUT_CAPACITY]);
  const put = (text) => encoder.encodeInto(text, input).written;
  const read = (length) => decoder.decode(output.subarray(0, length));

  crypto.getRandomValues(input.subarray(0, SEED_BYTES));
  if (calls.tg_init() !== 0) throw new Error("the module could not be set up");
  if (calls.tg_configure(put(JSON.stringify(policies)), 0) !== policies.length) {
    throw new Error(`the policies were refused: ${read(output.indexOf(0))}`);
  }
  return { calls, words, input, put, read };
}

/** @param way how headers get in: `"encode"`, `"latin1"` (Node's Buffer) or `"known"` (a Map from header to record) */
export function makeAbi({ keys, headerOf, snapshotTexts, policies, now: loadedAt }, { name, module, way }) {
  const edge = instantiate(module, policies);
  const { calls, words, put, read } = edge;
  const records = new Map();

  /** Decides, with `text` for the answer of KV and control plane; undefined: neither has it. */
  function decide(header, policy, now, text) {
    let result = calls.tg_check(policy, put(header), now);
    const status = text === undefined ? 404 : 200;
    while (result === 0) {
      const length = text === undefined ? 0 : put(text);
      result = calls.tg_resume(words[HANDLE], status, length, now, now);
    }
    return result;
  }
  keys.forEach((key, i) => {
    const result = decide(headerOf(key), 0, loadedAt, snapshotTexts[i]);
    records.set(headerOf(key), words[RECORD]);
    if (result > 0) calls.tg_abandon(result);
  });

  return {
    name,
    answer({ header, policy, status }, now) {
      const result = decide(header, policy, now);
      if (result < 0) return JSON.parse(read(calls.tg_problem(result, policy, put("/\0req"), now))).code;
      calls.tg_finish(result, status, 0);
      return "allowed";
    },
    run: loopOf(way, edge, records),
    drain() {
      const batches = [];
      for (let length = calls.tg_drain(MAX_BATCH_EVENTS); length > 0; length = calls.tg_drain(MAX_BATCH_EVENTS)) {
        batches.push(read(length));
        calls.tg_delivered(words[BATCH]);
      }
      return batches;
    },
  };
}

// Each loop is a function of its own, so that the engine optimises each for what it does and nothing else.
function loopOf(way, edge, records) {
  const loops = { encode: encodeLoop, latin1: latin1Loop, known: knownLoop };
  return loops[way](edge, records);
}

function encodeLoop({ calls: { tg_check, tg_finish }, input }) {
  return (headers, now) => {
    for (let i = 0; i < headers.length; i++) {
      const handle = tg_check(i & 3, encoder.encodeInto(headers[i], input).written, now);
      if (handle <= 0) return i;
      tg_finish(handle, 200, 0);
    }
    return headers.length;
  };
}

function latin1Loop({ calls: { tg_check, tg_finish }, input }) {
  const buffer = Buffer.from(input.buffer, input.byteOffset, input.length);
  return (headers, now) => {
    for (let i = 0; i < headers.length; i++) {
      const handle = tg_check(i & 3, buffer.latin1Write(headers[i], 0), now);
      if (handle <= 0) return i;
      tg_finish(handle, 200, 0);
    }
    return headers.length;
  };
}

function knownLoop({ calls: { tg_check_known, tg_finish } }, records) {
  return (headers, now) => {
    for (let i = 0; i < headers.length; i++) {
      const record = records.get(headers[i]);
      if (record === undefined) return i;
      const handle = tg_check_known(i & 3, record, now);
      if (handle <= 0) return i;
      tg_finish(handle, 200, 0);
    }
    return headers.length;
  };
}
