/** A snapshot as KV holds it. */
export interface StoredSnapshot {
  text: string;
  /** When the control plane made it, in milliseconds since 1970: as stored beside the text, be it in the future. */
  takenAt: number;
}

/** What the control plane answered. */
export interface FetchedSnapshot {
  /**
   * 200 and 404 have meanings of their own, 401 and 403 say that the gateway's own credential is refused; any other
   * counts as an outage.
   */
  status: number;
  /** The body of a 200. */
  text?: string;
}

/** Where snapshots come from (S4.2). Each is told the SHA-256 of a key in hexadecimal, never the key. */
export interface SnapshotSource {
  /** Reads the shared cache; null: not there. Leave it out where there is none. */
  kvGet?(digest: string): Promise<StoredSnapshot | null>;
  /** Writes the shared cache, in the background. */
  kvPut?(digest: string, snapshot: StoredSnapshot, ttlSeconds: number): Promise<void>;
  /**
   * Asks the control plane. Rejecting is an outage. `signal` is aborted when the answer, its body included, has taken
   * longer than the gate waits: what then still runs is a question that nobody listens to.
   */
  fetch(digest: string, signal: AbortSignal): Promise<FetchedSnapshot>;
}

/** Where events go (S3.1). */
export interface EventSink {
  /**
   * Delivers one batch: the JSON text of an array of CloudEvents, `application/cloudevents-batch+json`. Resolving says
   * that it is durable. Rejecting says that it may not be: it is sent again later with the same ids.
   */
  send(batch: string, events: number): Promise<void>;
}

/** What a host offers for work that outlives the answer. A Worker's `ctx` is one. */
export interface BackgroundContext {
  waitUntil(work: Promise<unknown>): void;
}

/** Resolves after a time. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/**
 * The outcome of `work`, or a rejection when it takes longer than `ms`; what it does afterwards is ignored.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** As {@link within}; work that is not done in time is told to stop. */
export async function doneWithin<T>(ms: number, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  try {
    return await within(ms, begin(abort.signal));
  } finally {
    abort.abort();
  }
}

/** Lets a Node process end although the timer has not fired; a number elsewhere. */
export function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
