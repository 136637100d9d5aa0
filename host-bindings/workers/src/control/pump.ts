import type { ControlResponse } from "./frame.js";

/** One effect of the outbox, as `POST /outbox/take` tells it. */
interface Effect {
  id: number;
  generation: number;
  kind: "kv_put" | "kv_delete";
  /** The digest of a key. */
  target: string;
  body?: string;
  takenAt?: number;
  ttlSeconds?: number;
}

interface TimersRun {
  more: boolean;
  nextAt?: number;
}

interface Settled {
  nextAt?: number;
}

interface PumpHost {
  ask(path: string, body: string): Promise<ControlResponse>;
  snapshots: KVNamespace;
}

/** The name of a snapshot in KV. The bucket is part of it: a key opens its own bucket only. */
function snapshotName(bucket: string, digest: string): string {
  return `snapshot/${bucket}/${digest}`;
}

/** Does what a bucket has to do: runs timers that are due, and performs what its outbox holds. */
export class Pump {
  readonly #host: PumpHost;

  constructor(host: PumpHost) {
    this.#host = host;
  }

  /** Everything that is due; answers when the next is. */
  async run(bucket: string): Promise<number> {
    const nextTimer = await this.runTimers(Number.POSITIVE_INFINITY);
    return Math.min(nextTimer, await this.#runOutbox(bucket));
  }

  /** Runs due timers, in at most so many transactions. When the next is due: infinity where none is known. */
  async runTimers(transactions: number): Promise<number> {
    let single = false;
    for (let i = 0; i < transactions; i++) {
      try {
        const { more, nextAt } = await this.#ask<TimersRun>("/timers/run", JSON.stringify({ single }));
        if (!more) return nextAt ?? Number.POSITIVE_INFINITY;
      } catch (error) {
        // Of many, one at a time from now on; the one that fails by itself must not keep the others waiting.
        console.error(JSON.stringify({ level: "error", message: "a timer failed", reason: String(error) }));
        if (single) await this.#ask("/timers/set-aside", "{}");
        single = true;
      }
    }
    return 0;
  }

  async #runOutbox(bucket: string): Promise<number> {
    for (;;) {
      const { effects } = await this.#ask<{ effects: Effect[] }>("/outbox/take", "{}");
      const outcomes = await Promise.all(effects.map((effect) => this.#perform(bucket, effect)));
      const row = ({ id, generation }: Effect) => ({ id, generation });
      const done = effects.filter((_, i) => outcomes[i] === undefined).map(row);
      const failed = effects.flatMap((effect, i) =>
        outcomes[i] === undefined ? [] : [{ ...row(effect), error: outcomes[i] }],
      );
      const { nextAt = Number.POSITIVE_INFINITY } = await this.#ask<Settled>(
        "/outbox/settle",
        JSON.stringify({ done, failed }),
      );
      if (nextAt > Date.now()) return nextAt;
    }
  }

  /** The reason why it failed, or nothing. */
  async #perform(bucket: string, effect: Effect): Promise<string | undefined> {
    const name = snapshotName(bucket, effect.target);
    try {
      if (effect.kind === "kv_put") {
        const metadata = { takenAt: effect.takenAt };
        await this.#host.snapshots.put(name, effect.body ?? "", { metadata, expirationTtl: effect.ttlSeconds ?? 60 });
      } else {
        await this.#host.snapshots.delete(name);
      }
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  async #ask<T>(path: string, body: string): Promise<T> {
    const response = await this.#host.ask(path, body);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    return JSON.parse(new TextDecoder().decode(response.body)) as T;
  }
}
