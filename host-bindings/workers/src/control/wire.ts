/** The three things that cross the boundary of the control module (wasm/ABI.md): words, doubles, and byte strings. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Up to here a loop is faster than a call of encoder or decoder. */
const SHORT_TEXT = 64;

/** Making a buffer costs more than filling it: a writer is kept, and `clear`ed before each use. */
export class WireWriter {
  #bytes = new Uint8Array(16 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  clear(): void {
    this.#size = 0;
  }

  byte(n: number): void {
    this.#reserve(1);
    this.#bytes[this.#size++] = n;
  }

  word(n: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#size, n, true);
    this.#size += 4;
  }

  real(n: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#size, n, true);
    this.#size += 8;
  }

  bytes(bytes: Uint8Array): void {
    this.word(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  text(text: string): void {
    // Three bytes for a UTF-16 unit is the most that UTF-8 takes.
    this.#reserve(4 + text.length * 3);
    const written = this.#writeAscii(text) || this.#writeUtf8(text);
    this.#view.setUint32(this.#size, written, true);
    this.#size += 4 + written;
  }

  /** Behind the room for a length; 0 where the text is long, or not ASCII. */
  #writeAscii(text: string): number {
    if (text.length > SHORT_TEXT) return 0;
    const bytes = this.#bytes;
    const at = this.#size + 4;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return 0;
      bytes[at + i] = code;
    }
    return text.length;
  }

  #writeUtf8(text: string): number {
    return encoder.encodeInto(text, this.#bytes.subarray(this.#size + 4)).written;
  }

  /** What was written since `clear`; valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  #reserve(length: number): void {
    if (this.#size + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#size + length));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Undefined where the bytes are not ASCII. */
function asciiText(bytes: Uint8Array): string | undefined {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] as number) > 0x7f) return undefined;
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** The memory of a module, until it grows. */
export interface MemoryView {
  bytes: Uint8Array;
  view: DataView;
}

export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  /** Reads `length` bytes from `at` on. */
  constructor(memory: MemoryView, at: number, length: number) {
    this.#bytes = memory.bytes;
    this.#view = memory.view;
    this.#at = at;
    this.#end = at + length;
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  word(): number {
    const n = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return n;
  }

  real(): number {
    const n = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return n;
  }

  /** A copy, since what is read stands in the memory of the module. */
  bytes(): Uint8Array {
    const length = this.word();
    const bytes = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  text(): string {
    const length = this.word();
    const from = this.#at;
    this.#at += length;
    const bytes = this.#bytes.subarray(from, this.#at);
    return (length <= SHORT_TEXT ? asciiText(bytes) : undefined) ?? decoder.decode(bytes);
  }

  get ended(): boolean {
    return this.#at >= this.#end;
  }
}
