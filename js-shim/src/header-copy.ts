import { MAX_HEADER_BYTES } from "./abi.js";

/**
 * How header text gets into the module's memory. Which one is faster depends on the engine (`docs/benchmarks.md`); what
 * arrives means the same: characters up to 0x7F as they are, any other as bytes above 0x7F, which no credential may
 * hold, and never more than {@link MAX_HEADER_BYTES}.
 *
 * - `encode`: `TextEncoder.encodeInto`: the faster one in Node, Deno, Bun and browsers.
 * - `packed`: character codes, four to a word: the faster one where a call into the engine is dear (workerd).
 */
export type HeaderCopy = "encode" | "packed";

/** Writes a header value to the input buffer and returns how many bytes it took. */
type HeaderWriter = (text: string) => number;

const encoder = new TextEncoder();

/** A writer to the buffer at `offset` (a multiple of 4) of the module's memory. */
export function headerWriter(memory: ArrayBuffer, offset: number, copy: HeaderCopy): HeaderWriter {
  const bytes = new Uint8Array(memory, offset, MAX_HEADER_BYTES);
  const encode: HeaderWriter = (text) => {
    const written = encoder.encodeInto(text, bytes).written;
    // Stopped short of the end: what is there counts as too long, even where a character did not fit in whole.
    return text.length >= MAX_HEADER_BYTES ? MAX_HEADER_BYTES : written;
  };
  return copy === "packed" ? packedWriter(memory, offset, encode) : encode;
}

function packedWriter(memory: ArrayBuffer, offset: number, fallback: HeaderWriter): HeaderWriter {
  const bytes = new Uint8Array(memory, offset, MAX_HEADER_BYTES);
  const words = new Uint32Array(memory, offset, MAX_HEADER_BYTES >> 2);
  return (text) => {
    const length = text.length;
    if (length > words.length * 4) return fallback(text);
    const whole = length & ~3;
    let seen = 0;
    let at = 0;
    for (; at < whole; at += 4) {
      const a = text.charCodeAt(at);
      const b = text.charCodeAt(at + 1);
      const c = text.charCodeAt(at + 2);
      const d = text.charCodeAt(at + 3);
      seen |= a | b | c | d;
      words[at >> 2] = a | (b << 8) | (c << 16) | (d << 24);
    }
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      seen |= code;
      bytes[at] = code;
    }
    return seen > 0x7f ? fallback(text) : length;
  };
}

/** Whether this is workerd, where calls that take a string cost several times a call with numbers. */
export function isWorkerd(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
