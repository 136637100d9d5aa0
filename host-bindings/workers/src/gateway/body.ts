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

/**
 * The same body, of at most `limit` bytes.
 *
 * @param drain how many bytes beyond are read and thrown away: a sender that is cut off in the middle of a body does not
 *   get to see the answer
 */
export function limited(source: ReadableStream<Uint8Array>, limit: number, drain: number): LimitedBody {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const reader = source.getReader();
  const writer = writable.getWriter();
  let seen = 0;

  async function pump(): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const before = seen;
      seen += value.byteLength;
      if (seen <= limit) await writer.write(value);
      else if (before <= limit) await writer.abort(new TooLarge(`more than ${limit} bytes`));
      if (seen > limit + drain) return reader.cancel();
    }
    if (seen <= limit) await writer.close();
  }

  // Whoever was to read the bytes has gone, or whoever sent them: there is nobody to pass anything to.
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
