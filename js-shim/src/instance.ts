import type { EdgeModule } from "./edge-module.js";
import { SnapshotTexts } from "./snapshot-texts.js";

/** Look-ups that a module has under way at most. */
const MAX_LOOKUPS = 256;

/** A module and what belongs to it: dropped together when it traps. */
export class Instance {
  readonly texts = new SnapshotTexts();
  /** Set by a trap: nothing may be called any more. */
  dead = false;
  readonly #waiting = new Map<number, () => void>();
  /** Woken before they waited: the former fetcher of a key, which is told so only when its own answer comes. */
  readonly #wokenEarly = new Set<number>();
  /** When somebody last began to perform the look-up of a digest. One whose performer is gone is never taken out. */
  readonly #begun = new Map<string, number>();

  /** @param base what tells this instance's handles from those of former ones: added to each. */
  constructor(
    readonly module: EdgeModule,
    readonly base: number,
  ) {}

  /** Wakes what the last call has set free. */
  wake(): void {
    for (let handle = this.module.nextWoken(); handle !== 0; handle = this.module.nextWoken()) {
      const resume = this.#waiting.get(handle);
      if (resume === undefined) this.#wokenEarly.add(handle);
      else resume();
    }
  }

  /** Resolves to true when `handle` was woken, to false after `ms` or when the instance died. */
  woken(handle: number, ms: number): Promise<boolean> {
    if (this.#wokenEarly.delete(handle)) return Promise.resolve(true);
    return new Promise((resolve) => {
      // Each waiter has a timer of its own: where requests are isolated from each other, the one that should wake
      // it may be gone.
      const timer = setTimeout(() => end(false), ms);
      const end = (byWaker: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(handle);
        resolve(byWaker);
      };
      this.#waiting.set(handle, () => end(!this.dead));
    });
  }

  /** A request that ended cannot be woken. */
  forget(handle: number): void {
    this.#wokenEarly.delete(handle);
  }

  /**
   * Somebody performs the look-up from now on, and is given its whole time by all who wait for it.
   *
   * @returns what {@link end} is to be told
   */
  begin(digest: string): number {
    const now = performance.now();
    this.#begun.delete(digest);
    this.#begun.set(digest, now);
    if (this.#begun.size > MAX_LOOKUPS) {
      const [oldest] = this.#begun.keys();
      this.#begun.delete(oldest as string);
    }
    return now;
  }

  /** The look-up that began then has ended, unless somebody else performs it now. */
  end(digest: string, began: number): void {
    if (this.#begun.get(digest) === began) this.#begun.delete(digest);
  }

  /** How many milliseconds of `patience` are left to whoever performs the look-up; 0 or less: it is gone. */
  left(digest: string, patience: number): number {
    return (this.#begun.get(digest) ?? Number.NEGATIVE_INFINITY) + patience - performance.now();
  }

  /** Ends the instance; whoever waits is let go. */
  kill(): void {
    this.dead = true;
    for (const resume of [...this.#waiting.values()]) resume();
  }
}
