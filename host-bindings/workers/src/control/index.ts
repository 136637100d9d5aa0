import type { Env } from "../env.js";
import type { BucketObject } from "./bucket-object.js";
import { requestOf } from "./control-object.js";
import { bucketOf, httpResponse, readApiRequest } from "./http.js";
import { controlModule } from "./module.js";

export { BucketObject } from "./bucket-object.js";
export { LedgerObject } from "./ledger-object.js";

const BUCKETS = ["working-copy", "preview", "production"];

/**
 * The control plane's HTTP API: everything below `/v3/metering/` (S10). Never rejects.
 *
 * @param failed the answer after a trap, or where an object cannot be reached: nobody knows more than that
 */
export async function handleControl(
  request: Request,
  env: Env,
  failed = (): Response => new Response(null, { status: 500 }),
): Promise<Response> {
  const url = new URL(request.url);
  const bucket = bucketOf(url);
  try {
    const ask = await readApiRequest(request, url, bucket);
    if (BUCKETS.includes(bucket)) return httpResponse(await bucketObject(env, bucket).serve(ask));
    // There is no such object; what is to be said about that, the module says.
    return httpResponse(controlModule.handle(undefined, requestOf("bucket", ask, env, Date.now())));
  } catch (error) {
    console.error(JSON.stringify({ level: "error", message: "a control request failed", reason: String(error) }));
    return failed();
  }
}

/**
 * Gets the working copy ready on a developer's machine, and tells the API key of the subscription that filling it made:
 * once, to whom asks first.
 */
export async function startControl(env: Env): Promise<{ seededKey?: string }> {
  return await bucketObject(env, "working-copy").start("working-copy");
}

const ids = new Map<string, DurableObjectId>();

function bucketObject(env: Env, bucket: string): DurableObjectStub<BucketObject> {
  const buckets = env.BUCKET as unknown as DurableObjectNamespace<BucketObject>;
  let id = ids.get(bucket);
  if (id === undefined) {
    id = buckets.idFromName(bucket);
    ids.set(bucket, id);
  }
  return buckets.get(id);
}
