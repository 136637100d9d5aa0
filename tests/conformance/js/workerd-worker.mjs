// What runs inside workerd: takes the text of a vector file, answers the report of its cases.

import edge from "./edge.wasm";
import { runSuite } from "./suites.mjs";
import { readVectorFile } from "./vector-file.mjs";

export default {
  async fetch(request) {
    try {
      const { suite, cases } = readVectorFile(await request.text());
      return Response.json(await runSuite(suite, cases, {}, edge));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
