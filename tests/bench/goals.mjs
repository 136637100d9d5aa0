// The goals of the project, row by row, and whether a run meets them. They are reported, never asserted: time on a
// shared machine proves nothing.

import { SHIPPED } from "./contenders/index.mjs";
import { LISTS, LOOK_UP, OPENING } from "./rows/large.mjs";
import { processorOf, SCENARIOS } from "./rows/plane.mjs";
import { median } from "./statistics.mjs";

const KIB = 1024;
const US = 1e3;
const MS = 1e6;
const S = 1e9;
const COMPILE_PER_KIB = 0.08 * MS;
const MODULE_KIB = 112;

const isNode = (host) => host.startsWith("Node");
const isWorkerd = (host) => host === "workerd";
const runsJavaScript = (host) => isNode(host) || isWorkerd(host);
const isWasmtime = (host) => host === "wasmtime";
const isNative = (host) => host === "native";
const anywhere = () => true;

/** At most `factor` times what the peer takes in the same run. */
const beside = (row, hosts, what, contender, peer, factor) => ({ row, hosts, what, contender, peer, factor });
/** At most `limit`. */
const atMost = (row, hosts, what, contender, limit) => ({ row, hosts, what, contender, limit });

const goals = [
  beside("P1", runsJavaScript, "warm", SHIPPED, "strongest", 1),
  beside("P1", runsJavaScript, "warm", SHIPPED, "idiomatic", 0.33),
  beside("P1", runsJavaScript, "warm", SHIPPED, "parse", 0.06),
  beside("P2", isNode, "warm", SHIPPED, "cedar-wasm", 1 / 100),
  beside("P2", isNode, "warm", SHIPPED, "casbin", 1 / 40),
  beside("P3", anywhere, "1.5 KB", "check + resume, wasi", "JSON.parse", 1),
  beside("P3", anywhere, "6 KB", "check + resume, wasi", "JSON.parse", 1),
  atMost("P8", isWorkerd, "event", "tollgate", S / 50_000),
  ...Object.keys(SCENARIOS).map((what) => beside("P9", isWorkerd, processorOf(what), "tollgate", "plain", 1 / 0.9)),
  atMost("P9L", isWorkerd, LOOK_UP, "tollgate", 5 * MS),
  ...LISTS.map((what) => atMost("P9L", isWorkerd, what, "tollgate", 20 * MS)),
  atMost("P9L", isWorkerd, OPENING, "tollgate", 100 * MS),
  atMost("P10", isNative, "rating", "rate", S / 1_000_000),
  atMost("P10", isWasmtime, "rating", "total, wasi", S / 300_000),
  atMost("P10", runsJavaScript, "rating", "total, wasi", S / 300_000),
  beside("P11", anywhere, "warm", "100,000 keys", "10 keys", 1.3),
  ...["wasi", "emscripten"].flatMap((build) => [
    atMost("P4", anywhere, "raw", build, 128 * KIB),
    atMost("P4", anywhere, "brotli", build, 44 * KIB),
    atMost("P5", isNode, "compile", build, COMPILE_PER_KIB * MODULE_KIB),
    atMost("P5", runsJavaScript, "instantiate", build, 0.1 * MS),
    atMost("P5", runsJavaScript, "memory", build, 4096 * KIB),
    atMost("P7", isWasmtime, "warm", build, 1 * US),
  ]),
];

/**
 * Every goal that this run has measured: `[{row, host, what, contender, peer, goal, measured, met}]`; with a peer,
 * `goal` and `measured` are ratios to it.
 */
export function judge(measurements) {
  return goals.flatMap(({ row, hosts, what, contender, peer, factor, limit }) => {
    const rows = measurements.filter((one) => one.row === row && hosts(one.host) && one.what === what);
    const comparable = rows.filter(
      (one) => one.contender === contender && (peer === undefined || peerOf(one, peer, rows) !== undefined),
    );
    // Where several groups could tell, the first one does: the pair alone before the crowd.
    const mine = comparable.filter((one) => comparable.find(({ host }) => host === one.host) === one);
    return mine.map((one) => {
      const reference = peer === undefined ? 1 : median(peerOf(one, peer, rows).samples);
      const goal = factor ?? limit;
      const measured = median(one.samples) / reference;
      return { row, host: one.host, what, contender, peer, unit: one.unit, goal, measured, met: measured <= goal };
    });
  });
}

/** The peer's series that was taken in the same process as `one`, or undefined. */
export function peerOf({ host, what, group }, peer, rows) {
  return rows.find(
    (other) => other.contender === peer && other.host === host && other.what === what && other.group === group,
  );
}
