import type { MeterReading, ResponseReader } from "./response-reader.js";

/** How much of a body is read on when its client has gone, and for how long. */
interface DrainBounds {
  maxMeteredResponseBytes: number;
  drainSeconds: number;
}

/**
 * Passes a body on while it is read: nothing is held back or changed. A client that goes away does not end the reading,
 * within the bounds.
 *
 * @param end told once, when nothing more is read for meters: whether the body came to its end
 * @returns the same bytes, and a promise that resolves when nothing more is read
 */
export function watch(
  source: ReadableStream<Uint8Array>,
  meters: ResponseReader,
  { maxMeteredResponseBytes, drainSeconds }: DrainBounds,
  end: (whole: boolean) => void,
): { body: ReadableStream<Uint8Array>; done: Promise<void> } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const reader = source.getReader();
  const writer = writable.getWriter();
  let gone = false;
  let expired = false;
  let needed = true;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const expire = (): void => {
    expired = true;
    void reader.cancel().catch(() => {});
  };
  const conclude = (whole: boolean): void => {
    if (!needed) return;
    needed = false;
    end(whole);
  };
  writer.closed.catch(() => {
    gone = true;
    if (needed) timer = setTimeout(expire, drainSeconds * 1000);
    else expire();
  });

  async function pump(): Promise<void> {
    for (let left = maxMeteredResponseBytes; !expired; ) {
      const { done, value } = await reader.read();
      if (done) break;
      if (needed && !feed(meters, value)) conclude(true);
      if (!gone) await writer.write(value).catch(() => {});
      else if (needed) left -= value.byteLength;
      if (gone && (!needed || left < 0)) expire();
    }
    conclude(!expired);
    if (!gone) await writer.close();
  }

  const failed = (error: unknown): void => {
    conclude(false);
    void writer.abort(error).catch(() => {});
  };
  return {
    body: readable,
    done: pump()
      .catch(failed)
      .finally(() => clearTimeout(timer)),
  };
}

/** What was read; nothing when the module has trapped meanwhile. */
export function readingOf(meters: ResponseReader, whole: boolean): MeterReading {
  try {
    return meters.end(whole);
  } catch (error) {
    return { meters: "", faults: [], refused: false, lost: String((error as Error)?.message) };
  }
}

/** Whether more of the body is needed. A module that traps ends the reading, not the response. */
function feed(meters: ResponseReader, piece: Uint8Array): boolean {
  try {
    meters.feed(piece);
    return meters.wantsBody;
  } catch {
    return false;
  }
}
