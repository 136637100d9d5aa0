// The contenders of the warm row, by group. Each group is measured in a process or isolate of its own, so that a
// variant of Tollgate does not spoil what the engine has learnt about another; the strongest peer runs in every one.

import { makeAbi } from "./abi.mjs";
import { makeGate } from "./gate.mjs";
import { makeIdiomatic } from "./idiomatic.mjs";
import { makeModule } from "./module.mjs";
import { makeObjects } from "./objects.mjs";
import { makeParse } from "./parse.mjs";
import { makeStrongest } from "./strongest.mjs";

/** The one that answers for Tollgate: the package as shipped. */
export const SHIPPED = "tollgate";

const module = (name, options) => (world, host) => makeModule(world, { name, module: host.modules.wasi, ...options });
const abi = (name, way) => (world, host) => makeAbi(world, { name, module: host.modules.wasi, way });
const gate = (name, build) => (world, host) => makeGate(world, { name, module: host.modules[build] });

const engine = (file, make) => async (world, host) => (await host.load(file))[make](world);

const groups = {
  main: [gate(SHIPPED, "wasi"), makeStrongest],
  field: [
    gate(SHIPPED, "wasi"),
    makeStrongest,
    makeObjects,
    makeIdiomatic,
    makeParse,
    abi("ABI, encodeInto", "encode"),
    abi("ABI, known record", "known"),
  ],
  emscripten: [gate("tollgate, Emscripten's build", "emscripten"), makeStrongest],
  encode: [module("EdgeModule, encode", { headerCopy: "encode", knownHeaders: false }), makeStrongest],
  packed: [module("EdgeModule, packed", { headerCopy: "packed", knownHeaders: false }), makeStrongest],
  known: [module("EdgeModule, known headers", { knownHeaders: true }), makeStrongest],
  engines: [gate(SHIPPED, "wasi"), makeStrongest, engine("cedar", "makeCedar"), engine("casbin", "makeCasbin")],
  latin1: [abi("ABI, latin1Write", "latin1"), makeStrongest],
};

/** The group of P2, which needs packages that only Node can have. */
export const ENGINES = "engines";

/** Groups of P1 that a host can run. */
export function groupsFor({ isNode }) {
  return Object.keys(groups).filter((name) => name !== ENGINES && (isNode || name !== "latin1"));
}

/** @param host what it has: `modules`, compiled, by toolchain; `load(name)`, which imports a contender (Node only) */
export async function makeContenders(group, world, host) {
  const contenders = [];
  for (const make of groups[group]) contenders.push(await make(world, host));
  return contenders;
}
