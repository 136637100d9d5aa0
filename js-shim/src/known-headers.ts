import { CACHE_RECORDS } from "./abi.js";

/**
 * Which record of the module's cache a header value led to, so that the same value need not cross into the module
 * again. Holds no more values than the cache has records; the oldest goes first, and a value whose record was
 * replaced is forgotten by the caller.
 */
export class KnownHeaders {
  readonly #tags = new Map<string, number>();
  readonly #limit: number;

  /** @param shares how many of these divide the cache among them: one for each (authHeader, authScheme). */
  constructor(shares: number) {
    this.#limit = Math.max(1, Math.floor(CACHE_RECORDS / shares));
  }

  /** The record's tag, or `undefined` for a value not seen. */
  get(header: string): number | undefined {
    return this.#tags.get(header);
  }

  set(header: string, tag: number): void {
    if (this.#tags.size >= this.#limit && !this.#tags.has(header)) {
      for (const oldest of this.#tags.keys()) {
        this.#tags.delete(oldest);
        break;
      }
    }
    this.#tags.set(header, tag);
  }

  delete(header: string): void {
    this.#tags.delete(header);
  }

  get size(): number {
    return this.#tags.size;
  }
}
