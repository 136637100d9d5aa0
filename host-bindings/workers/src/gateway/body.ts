/** Thrown through a body that is longer than allowed. */
export class TooLarge extends Error {
  override name = "TooLarge";
}

/** What `content-length` says; undefined when it says nothing. */
export function declaredLength(headers: Headers): number | undefined {
  const value = headers.get("content-length");
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** A body under watch. */
export interface LimitedBody {
  /** The same bytes; fails with {@link TooLarge} once there are too many. */
  body: ReadableStream<Uint8Array>;
  exceeded: () => boolean;
  /** Resolves when nothing more is read. */
  done: Promise<void>;
}

function succeeded(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}

/**
 * The same body, of at most `limit` bytes.
 *
 * @param drain how many bytes beyond are read and thrown away: a sender that is cut off in the middle of a body does
 * not
 *   get to see the answer
 */
export function limited(source: ReadableStream<Uint8Array>, limit: number, drain: number): LimitedBody {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const reader = source.getReader();
  const writer = writable.getWriter();
  let seen = 0;

  async function pump(): Promise<void> {
    // Once nobody wants the bytes any more, they are still read: the sender waits for an answer behind them.
    let wanted = true;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      seen += value.byteLength;
      if (wanted && seen > limit) {
        wanted = false;
        await succeeded(writer.abort(new TooLarge(`more than ${limit} bytes`)));
      }
      wanted = wanted && (await succeeded(writer.write(value)));
      if (seen > limit + drain) return reader.cancel();
    }
    if (wanted) await succeeded(writer.close());
  }

  // Whoever sent the bytes has gone: there is nothing more to pass on.
  const done = pump().catch((error: unknown) =>
    Promise.allSettled([writer.abort(error), reader.cancel(error)]).then(() => undefined),
  );
  return { body: readable, exceeded: () => seen > limit, done };
}

/**
 * The text of a body of at most `limit` bytes.
 * @throws TooLarge
 */
export async function boundedText(response: Response, limit: number): Promise<string> {
  if ((declaredLength(response.headers) ?? 0) > limit) throw new TooLarge(`more than ${limit} bytes`);
  if (response.body === null) return "";
  return new Response(limited(response.body, limit, 0).body).text();
}
