// The npm package's EdgeModule: what Gate adds to it is left out. Made with each of the ways in which a header can get
// into the module, which is how the package's defaults were chosen.

import { EdgeModule } from "tollgate";

export function makeModule({ keys, headerOf, snapshotTexts, policies, now: loadedAt }, { name, module, ...options }) {
  const edge = new EdgeModule(module, { policies: JSON.stringify(policies), ...options });
  /** Decides, with `text` for the answer of KV and control plane; undefined: neither has it. */
  function decide(header, policy, now, text) {
    let result = edge.check(policy, header, now);
    const status = text === undefined ? 404 : 200;
    while (result === 0) result = edge.resume(edge.handle, status, text ?? "", now, now);
    return result;
  }
  keys.forEach((key, i) => {
    const result = decide(headerOf(key), 0, loadedAt, snapshotTexts[i]);
    if (result > 0) edge.abandon(result);
  });

  return {
    name,
    answer({ header, policy, status }, now) {
      const result = decide(header, policy, now);
      if (result < 0) return JSON.parse(edge.problem(result, policy, "/", "req", now).body).code;
      edge.finish(result, status, "");
      return "allowed";
    },
    run(headers, now) {
      for (let i = 0; i < headers.length; i++) {
        const handle = edge.check(i & 3, headers[i], now);
        if (handle <= 0) return i;
        edge.finish(handle, 200, "");
      }
      return headers.length;
    },
    drain() {
      const batches = [];
      for (let batch = edge.drain(); batch !== undefined; batch = edge.drain()) {
        batches.push(batch.text);
        edge.delivered(batch.id);
      }
      return batches;
    },
  };
}
