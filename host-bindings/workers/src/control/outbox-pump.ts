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

interface Settled {
  pending: number;
  nextAt?: number;
}

export interface PumpHost {
  ask(path: string, body: string): Promise<ControlResponse>;
  snapshots: KVNamespace;
  wakeAt(time: number): Promise<void>;
}

/** The name of a snapshot in KV. The bucket is part of it: a key opens its own bucket only. */
export function snapshotName(bucket: string, digest: string): string {
  return `snapshot/${bucket}/${digest}`;
}

/** Takes what is due from the outbox, does it, and confirms it; what is left waits for the alarm. */
export class OutboxPump {
  readonly #host: PumpHost;

  constructor(host: PumpHost) {
    this.#host = host;
  }

  async run(bucket: string): Promise<void> {
    for (;;) {
      const { effects } = await this.#ask<{ effects: Effect[] }>("/outbox/take", "{}");
      const outcomes = await Promise.all(effects.map((effect) => this.#perform(bucket, effect)));
      const row = ({ id, generation }: Effect) => ({ id, generation });
      const done = effects.filter((_, i) => outcomes[i] === undefined).map(row);
      const failed = effects.flatMap((effect, i) =>
        outcomes[i] === undefined ? [] : [{ ...row(effect), error: outcomes[i] }],
      );
      const settled = await this.#ask<Settled>("/outbox/settle", JSON.stringify({ done, failed }));
      if (settled.nextAt === undefined) return;
      if (settled.nextAt > Date.now()) return await this.#host.wakeAt(settled.nextAt);
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
