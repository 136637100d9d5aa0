// Runs in a Node process of its own: node node-child.mjs TASK ARGUMENT, answers JSON.

import { readFileSync } from "node:fs";
import { measureCold } from "../rows/cold.mjs";
import { measureGrowth } from "../rows/growth.mjs";
import { measureStart } from "../rows/start.mjs";
import { measureWarm } from "../rows/warm.mjs";
import { NodeStopwatch } from "./node-stopwatch.mjs";

const root = new URL("../../../", import.meta.url);
const read = (build) => readFileSync(new URL(`build/${build}/edge.wasm`, root));

const bytes = { wasi: read("wasi"), emscripten: read("emscripten") };
const modules = { wasi: new WebAssembly.Module(bytes.wasi), emscripten: new WebAssembly.Module(bytes.emscripten) };

const tasks = { warm: measureWarm, cold: measureCold, start: measureStart, growth: measureGrowth };
const [task, argument] = process.argv.slice(2);
const host = { bytes, modules, Stopwatch: NodeStopwatch, load: (name) => import(`../contenders/${name}.mjs`) };
console.log(JSON.stringify(await tasks[task](argument, host)));
