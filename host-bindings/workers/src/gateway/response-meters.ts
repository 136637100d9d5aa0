import { valueAt } from "./json-path.js";
import type { ResponseMeter, Route } from "./routes.js";

/** What became of reading meters out of a response. */
export interface MeterReading {
  meters: Record<string, number>;
  /** Meters whose value was missing or bad, and why. */
  faults: { meter: string; reason: string }[];
}

/** What a meter may be: S2.6. The module checks it again; this tells which of several is bad. */
const DECIMAL = /^\d{1,15}(\.\d{1,9})?$/;

/** Reads the meters that stand in headers. */
export function readHeaders(route: Route, headers: Headers, reading: MeterReading): void {
  for (const source of route.responseMeters) {
    if (source.kind !== "header") continue;
    const text = headers.get(source.name)?.trim();
    if (text === undefined) fault(reading, source, `there is no header ${source.name}`);
    else if (DECIMAL.test(text)) reading.meters[source.meter] = Number(text);
    else fault(reading, source, `the header ${source.name} is not a decimal ≥ 0`);
  }
}

/** Reads the meters that stand in a JSON body; `text` is undefined when the body could not be had in whole. */
export function readBody(route: Route, text: string | undefined, reading: MeterReading): void {
  const sources = route.responseMeters.filter((source) => source.kind === "json");
  let document: unknown;
  try {
    if (text === undefined) throw new Error("the body was cut short or is too long");
    document = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof SyntaxError ? "the body is not JSON" : (error as Error).message;
    for (const source of sources) fault(reading, source, reason);
    return;
  }
  for (const source of sources) {
    const value = valueAt(document, source.path);
    if (typeof value === "number" && DECIMAL.test(String(value))) reading.meters[source.meter] = value;
    else fault(reading, source, value === undefined ? "the path leads nowhere" : "the value is not a decimal ≥ 0");
  }
}

function fault(reading: MeterReading, { meter }: ResponseMeter, reason: string): void {
  reading.faults.push({ meter, reason });
}

/**
 * Passes a body on and keeps a copy of at most `limit` bytes; `end` is told the text before the last byte leaves, so
 * what is metered from it is settled when the client has the answer. Text is undefined when the body was longer or did
 * not come to its end.
 */
export function observe(
  body: ReadableStream<Uint8Array>,
  limit: number,
  end: (text: string | undefined) => void,
): { body: ReadableStream<Uint8Array>; done: Promise<void> } {
  let chunks: Uint8Array[] | undefined = [];
  let size = 0;
  const copier = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size > limit) chunks = undefined;
      // The chunk's memory goes on to the client: what is kept is a copy.
      chunks?.push(chunk.slice());
      controller.enqueue(chunk);
    },
    flush() {
      end(chunks === undefined ? undefined : decode(chunks, size));
    },
  });
  const done = body.pipeTo(copier.writable).catch(() => end(undefined));
  return { body: copier.readable, done };
}

function decode(chunks: Uint8Array[], size: number): string {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return new TextDecoder().decode(whole);
}
