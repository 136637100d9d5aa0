/** The three things that cross the boundary of the control module (wasm/ABI.md): words, doubles, and byte strings. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class WireWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

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
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#size + 4));
    this.#view.setUint32(this.#size, written, true);
    this.#size += 4 + written;
  }

  /** What was written so far; valid until the next write. */
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

export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
    const text = decoder.decode(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return text;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }
}
