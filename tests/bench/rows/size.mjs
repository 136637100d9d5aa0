// P4: what a Worker has to carry.

import { brotliCompressSync, constants } from "node:zlib";

/** Bytes of each module, raw and as brotli at its best. */
export function measureSizes(bytes) {
  const compressed = (data) =>
    brotliCompressSync(data, {
      params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_LGWIN]: 22 },
    });
  return Object.entries(bytes).flatMap(([build, data]) => [
    { contender: build, what: "raw", samples: [data.length] },
    { contender: build, what: "brotli", samples: [compressed(data).length] },
  ]);
}
