import { CACHE_RECORDS, SLOT_MASK } from "./abi.js";
import type { Identity, MonetizationSubscription } from "./subscription.js";

/** Characters of snapshot text kept in all; beyond it the oldest texts go. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

interface Entry {
  tag: number;
  /** As the module has said it. */
  identity: Identity | undefined;
  text: string | undefined;
  /** Parsed when first asked for. */
  subscription: MonetizationSubscription | undefined;
}

/**
 * The texts behind the module's records, for code that asks for its subscription, and who stands behind them. One place
 * for each slot of the cache, so that a text lives exactly as long as its record; the tag tells whether a place still
 * belongs to it.
 */
export class SnapshotTexts {
  readonly #entries: (Entry | undefined)[] = new Array(CACHE_RECORDS + 1);
  /** Slots in the order of their filling, to find the oldest text. */
  readonly #filled = new Set<number>();
  #characters = 0;

  /** Keeps the text behind a record, in place of an earlier one. */
  put(tag: number, text: string): void {
    const slot = tag & SLOT_MASK;
    this.#dropText(slot);
    this.#entries[slot] = { tag, identity: undefined, text, subscription: undefined };
    this.#filled.add(slot);
    this.#characters += text.length;
    for (const oldest of this.#filled) {
      if (this.#characters <= MAX_CHARACTERS) break;
      this.#dropText(oldest);
    }
  }

  /** Who stands behind a record, where {@link setIdentity} has been told since its text was put. */
  identity(tag: number): Identity | undefined {
    return this.#entry(tag)?.identity;
  }

  setIdentity(tag: number, identity: Identity): void {
    const entry = this.#entry(tag);
    if (entry !== undefined) entry.identity = identity;
  }

  /**
   * The subscription behind a record; undefined when its text had to go, or has a part that is no JSON (the module
   * reads no more than it needs). Shared by all who ask: not to be changed.
   */
  subscription(tag: number): MonetizationSubscription | undefined {
    const entry = this.#entry(tag);
    if (entry?.subscription === undefined && entry?.text !== undefined) entry.subscription = parsed(entry.text);
    return entry?.subscription;
  }

  #entry(tag: number): Entry | undefined {
    const entry = this.#entries[tag & SLOT_MASK];
    return entry?.tag === tag ? entry : undefined;
  }

  #dropText(slot: number): void {
    const entry = this.#entries[slot];
    if (entry?.text !== undefined) this.#characters -= entry.text.length;
    if (entry !== undefined) {
      entry.text = undefined;
      entry.subscription = undefined;
    }
    this.#filled.delete(slot);
  }
}

function parsed(text: string): MonetizationSubscription | undefined {
  try {
    return JSON.parse(text) as MonetizationSubscription;
  } catch {
    return undefined;
  }
}
