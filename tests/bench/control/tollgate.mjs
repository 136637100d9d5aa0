// The control plane as a Worker, as it is shipped, and a door into its objects for the benchmark.

import {
  handleControl,
  BucketObject as ShippedBucket,
  LedgerObject as ShippedLedger,
} from "../../../host-bindings/workers/src/control/index.ts";
import { openBatches } from "./batches.mjs";
import { addDoor, openDoor } from "./door.mjs";

/** Its pump stands still: what is timed is what is done before the answer. */
export class BucketObject extends addDoor(ShippedBucket) {
  async alarm() {}

  /** `POST /outbox/take` and the like. */
  async host(path) {
    const { status, body } = await this.ask("production", path, new TextEncoder().encode("{}"));
    return { status, body: new TextDecoder().decode(body) };
  }
}
export class LedgerObject extends addDoor(ShippedLedger) {}

export default {
  fetch(request, env) {
    if (new URL(request.url).pathname === "/warm") return warm(env);
    return openDoor(request, env) ?? openBatches(request, env) ?? handleControl(request, env);
  },
};

/** Makes the instance of the module; no object is asked. */
async function warm(env) {
  await handleControl(new Request("http://localhost/v3/metering/none/customers"), env);
  return Response.json({});
}
