/** Thrown through a body that is longer than allowed. */
export class TooLarge extends Error {
  override name = "TooLarge";
}

/** What `content-length` says; undefined when it says nothing. */
export function declaredLength(headers: Headers): number | undefined {
  const value = headers.get("content-length");
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The same body, failing with {@link TooLarge} once it exceeds `limit` bytes; `exceeded` tells that it did. */
export function limited(
  body: ReadableStream<Uint8Array>,
  limit: number,
): { body: ReadableStream<Uint8Array>; exceeded: () => boolean } {
  let seen = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > limit) controller.error(new TooLarge(`more than ${limit} bytes`));
      else controller.enqueue(chunk);
    },
  });
  return { body: body.pipeThrough(counter), exceeded: () => seen > limit };
}

/**
 * The text of a body of at most `limit` bytes.
 * @throws TooLarge
 */
export async function boundedText(response: Response, limit: number): Promise<string> {
  if ((declaredLength(response.headers) ?? 0) > limit) throw new TooLarge(`more than ${limit} bytes`);
  if (response.body === null) return "";
  return new Response(limited(response.body, limit).body).text();
}
