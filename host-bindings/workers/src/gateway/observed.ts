/** Who watches a body on its way. */
interface Watch {
  /** Told each piece before it goes on; whether any more of the body is needed. */
  feed: (piece: Uint8Array) => boolean;
  /** Told once, when nothing more comes: whether the body came to its end. */
  end: (whole: boolean) => void;
  /** For how long, and for how many bytes, the body is read on when its client has gone. */
  drainMs: number;
  drainBytes: number;
}

/**
 * Passes a body on while it is watched: nothing is held back or changed. A client that goes away does not end the
 * watching, within the bounds.
 *
 * @returns the same bytes, and a promise that resolves when nothing more is read
 */
export function observed(
  source: ReadableStream<Uint8Array>,
  { feed, end, drainMs, drainBytes }: Watch,
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
  writer.closed.catch(() => {
    gone = true;
    if (needed) timer = setTimeout(expire, drainMs);
    else expire();
  });

  async function pump(): Promise<void> {
    for (let left = drainBytes; !expired; ) {
      const { done, value } = await reader.read();
      if (done) break;
      if (needed && !feed(value)) {
        needed = false;
        end(true);
      }
      if (!gone) await writer.write(value).catch(() => {});
      else if (needed) left -= value.byteLength;
      if (gone && (!needed || left < 0)) expire();
    }
    if (needed) end(!expired);
    needed = false;
    if (!gone) await writer.close();
  }

  const failed = (error: unknown): void => {
    if (needed) end(false);
    needed = false;
    void writer.abort(error).catch(() => {});
  };
  return {
    body: readable,
    done: pump()
      .catch(failed)
      .finally(() => clearTimeout(timer ?? null)),
  };
}
