// The Worker that runs the benchmarks inside workerd: GET /TASK?ARGUMENT answers JSON.

import { measureCold } from "../rows/cold.mjs";
import { measureRating } from "../rows/rating.mjs";
import { measureStart } from "../rows/start.mjs";
import { measureWarm } from "../rows/warm.mjs";
import wasi from "./edge.wasm";
import { EdgeStopwatch } from "./edge-stopwatch.mjs";
import emscripten from "./emscripten.wasm";
import rating from "./rating.wasm";
import ratingEmscripten from "./rating-emscripten.wasm";

const tasks = { warm: measureWarm, cold: measureCold, start: measureStart, rating: measureRating };

export default {
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    try {
      const ratings = { wasi: rating, emscripten: ratingEmscripten };
      const host = { modules: { wasi, emscripten }, ratings, Stopwatch: EdgeStopwatch };
      return Response.json(await tasks[pathname.slice(1)](decodeURIComponent(search.slice(1)), host));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
