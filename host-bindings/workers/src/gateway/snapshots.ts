import type { FetchedSnapshot, SnapshotSource, StoredSnapshot } from "tollgate";
import type { ControlPlane } from "../control-plane.js";
import type { Env } from "../env.js";
import { boundedText } from "./body.js";

/** A longer answer is none of ours; how long a snapshot may be, the module says. */
const MAX_SNAPSHOT_BYTES = 64 * 1024;

/** Snapshots from KV, then from the control plane (S4.2). */
export function snapshotSource(env: Env, bucket: string, controlPlane: ControlPlane): SnapshotSource {
  const name = (digest: string) => `snapshot/${bucket}/${digest}`;
  return {
    async kvGet(digest): Promise<StoredSnapshot | null> {
      const { value, metadata } = await env.SNAPSHOTS.getWithMetadata<{ takenAt?: unknown }>(name(digest), "text");
      const takenAt = metadata?.takenAt;
      return value === null || typeof takenAt !== "number" ? null : { text: value, takenAt };
    },
    async kvPut(digest, { text, takenAt }, ttlSeconds) {
      await env.SNAPSHOTS.put(name(digest), text, { metadata: { takenAt }, expirationTtl: Math.max(60, ttlSeconds) });
    },
    async fetch(digest): Promise<FetchedSnapshot> {
      const response = await controlPlane.ask("GET", `/v3/metering/${bucket}/snapshots/${digest}`);
      if (response.status === 200) return { status: 200, text: await boundedText(response, MAX_SNAPSHOT_BYTES) };
      await response.body?.cancel();
      return { status: response.status };
    },
  };
}
