import type { EdgeModuleOptions } from "./edge-module.js";
import type { EventSink, SnapshotSource } from "./effects.js";

/** What becomes of a request that cannot be decided, because the module trapped: refused, or let through unmetered. */
export type FailureMode = "closed" | "open";

/** How a `Gate` is set up. */
export interface GateOptions extends Omit<EdgeModuleOptions, "policies"> {
  /** A `policies.json`: its text, or what it parses to. */
  policies: string | object;
  /** Where snapshots come from. */
  snapshots: SnapshotSource;
  /** Where events go. */
  events: EventSink;
  /** Default `"closed"`: such requests are refused with 503. `"open"` lets them through, and nothing is metered. */
  failureMode?: FailureMode;
  /**
   * How long one read of KV may take, and how long one question to the control plane. Default 5 000. A request that
   * waits for another's look-up waits for longer than both together before it takes its place.
   */
  lookupTimeoutMs?: number;
  /** How long events are gathered before they leave. Default 200. */
  flushIntervalMs?: number;
  /** How long the sink may take for one batch. Default 10 000. */
  sendTimeoutMs?: number;
  /** How many batches may be under way at once, 1 to 16. Default 16; 6 in a Worker, which has so many connections. */
  batchesAtOnce?: number;
  /**
   * Told of what goes wrong behind the scenes; what it throws is lost. Never given a key. Default: it is only counted.
   */
  onError?: (error: unknown, what: string) => void;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Default: the module given to `init`, else the one inside the package. */
  module?: WebAssembly.Module;
}

/** The reporter, as one that never throws: whoever has something to tell goes on. */
export function told(report: GateOptions["onError"]): (error: unknown, what: string) => void {
  return (error, what) => {
    try {
      report?.(error, what);
    } catch {}
  };
}
