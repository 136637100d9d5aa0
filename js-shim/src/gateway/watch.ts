import type { MeterReading, ResponseReader } from "./response-reader.js";

/** How much of a body is read on when its client has gone, and for how long. */
interface DrainBounds {
  maxMeteredResponseBytes: number;
  drainSeconds: number;
}

/** A client that takes nothing for so long has gone, whether or not the runtime tells of it. */
const PATIENCE_MS = 30_000;

/** workerd's own, whose writes fail when the client goes; writes to its other one hang then. */
const { IdentityTransformStream } = globalThis as { IdentityTransformStream?: typeof TransformStream };

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
  const { readable, writable } = new (IdentityTransformStream ?? TransformStream)<Uint8Array, Uint8Array>();
  const reader = source.getReader();
  const writer = writable.getWriter();
  let gone = false;
  let expired = false;
  let needed = true;
  /** When the write began that is under way; 0 for none. */
  let writingSince = 0;
  let letGo = (): void => {};
  let timer: ReturnType<typeof setTimeout>;

  const conclude = (whole: boolean): void => {
    if (!needed) return;
    needed = false;
    end(whole);
  };
  const expire = (): void => {
    expired = true;
    void reader.cancel().catch(() => {});
  };
  const leave = (): void => {
    if (gone) return;
    gone = true;
    letGo();
    clearTimeout(timer);
    if (needed) timer = setTimeout(expire, drainSeconds * 1000);
    else expire();
  };
  // While a timer runs, workerd does not take a write that nobody takes for something that hangs, and end it all.
  const attend = (): void => {
    timer = setTimeout(() => {
      if (writingSince > 0 && Date.now() - writingSince >= PATIENCE_MS) leave();
      else attend();
    }, PATIENCE_MS);
  };
  /** Until it is done, or has failed, or nobody waits for it any more. */
  const over = (action: Promise<void>): Promise<void> => {
    writingSince = Date.now();
    return new Promise((resolve) => {
      letGo = () => {
        writingSince = 0;
        resolve();
      };
      action.then(letGo, letGo);
    });
  };

  async function pump(): Promise<void> {
    for (let left = maxMeteredResponseBytes; !expired; ) {
      const { done, value } = await reader.read();
      if (done) break;
      if (needed && !feed(meters, value)) conclude(true);
      if (!gone) await over(writer.write(value));
      else if (needed) left -= value.byteLength;
      if (gone && (!needed || left < 0)) expire();
    }
    conclude(!expired);
    if (!gone) await over(writer.close());
  }

  attend();
  writer.closed.catch(leave);
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
