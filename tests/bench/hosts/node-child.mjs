// Runs in a Node process of its own: node node-child.mjs TASK ARGUMENT, answers JSON.

import { readFileSync } from "node:fs";
import { measureCold } from "../rows/cold.mjs";
import { measureGrowth } from "../rows/growth.mjs";
import { measureRating } from "../rows/rating.mjs";
import { measureStart } from "../rows/start.mjs";
import { measureWarm } from "../rows/warm.mjs";
import { NodeStopwatch } from "./node-stopwatch.mjs";

const root = new URL("../../../", import.meta.url);
const read = (build, module = "edge") => readFileSync(new URL(`build/${build}/${module}.wasm`, root));

const bytes = { wasi: read("wasi"), emscripten: read("emscripten") };
const modules = { wasi: new WebAssembly.Module(bytes.wasi), emscripten: new WebAssembly.Module(bytes.emscripten) };
const ratings = {
  wasi: new WebAssembly.Module(read("wasi", "rating")),
  emscripten: new WebAssembly.Module(read("emscripten", "rating")),
};

const tasks = {
  warm: measureWarm,
  cold: measureCold,
  start: measureStart,
  growth: measureGrowth,
  rating: measureRating,
};
const [task, argument] = process.argv.slice(2);
const host = { bytes, modules, ratings, Stopwatch: NodeStopwatch, load: (name) => import(`../contenders/${name}.mjs`) };
console.log(JSON.stringify(await tasks[task](argument, host)));
