// The peer: the control plane as one would write it in plain JavaScript, over the same tables.

import { openBatches } from "./batches.mjs";
import { addDoor, openDoor } from "./door.mjs";
import { PlainBucket } from "./plain/bucket.mjs";
import { PlainLedger } from "./plain/ledger.mjs";

export class BucketObject extends addDoor(PlainBucket) {}
export class LedgerObject extends addDoor(PlainLedger) {}

const PATH = /^\/v3\/metering\/([^/]+)\//;

export default {
  async fetch(request, env) {
    const inside = openDoor(request, env) ?? openBatches(request, env);
    if (inside !== undefined) return inside;
    const url = new URL(request.url);
    const bucket = PATH.exec(url.pathname)?.[1];
    if (bucket !== "production") return new Response("{}", { status: 404 });
    const { method, headers } = request;
    const body = method === "GET" ? "" : await request.text();
    const object = env.BUCKET.get(env.BUCKET.idFromName(bucket));
    const answer = await object.serve(method, url.pathname, url.search, headers.get("authorization") ?? "", body);
    const head = { "content-type": answer.type, "cache-control": "no-store" };
    if (answer.etag !== undefined) head.etag = answer.etag;
    return new Response(answer.body, { status: answer.status, headers: head });
  },
};
