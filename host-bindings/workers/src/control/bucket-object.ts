import seed from "../../../../config/seed.json";
import type { Env } from "../env.js";
import { type Ask, ControlObject } from "./control-object.js";
import type { ControlResponse, LedgerAnswer, LedgerRequest } from "./frame.js";
import type { Answer } from "./http.js";
import type { LedgerObject } from "./ledger-object.js";
import { OutboxPump } from "./outbox-pump.js";

/** The bucket that `make run` fills with a small catalog. */
const SEEDED_BUCKET = "working-copy";
/** Where the object keeps its own name, which an alarm has to know. */
const NAME = "name";
const RETRY_MS = 30_000;

/** Catalog, customers, subscriptions, keys and outbox of one bucket. */
export class BucketObject extends ControlObject {
  #name = "";
  #ready = false;
  #seededKey: string | undefined;
  readonly #pump = new OutboxPump({
    ask: (path, body) => this.#askHost(path, body),
    snapshots: this.env.SNAPSHOTS,
    wakeAt: (time) => this.ctx.storage.setAlarm(time),
  });

  constructor(state: DurableObjectState, env: Env) {
    super(state, env, "bucket");
    void state.blockConcurrencyWhile(async () => {
      this.#name = (await state.storage.get<string>(NAME)) ?? "";
    });
  }

  /** A request to the API of this bucket. */
  async serve(ask: Ask): Promise<Answer> {
    await this.#become(ask.object);
    const { status, headers, body, outbox } = await this.perform(ask);
    if (outbox) await this.#schedulePump();
    return { status, headers, body };
  }

  /** Gets the bucket ready; tells the key that seeding it made, the first time that it is asked. */
  async start(name: string): Promise<{ seededKey?: string }> {
    await this.#become(name);
    const key = this.#seededKey;
    this.#seededKey = undefined;
    return key === undefined ? {} : { seededKey: key };
  }

  override async alarm(): Promise<void> {
    try {
      await this.#pump.run(this.#name);
    } catch (error) {
      // The runtime gives an alarm that fails up after a few tries; the outbox never does.
      console.error(
        JSON.stringify({ level: "error", message: "the outbox could not be pumped", reason: String(error) }),
      );
      await this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
    }
  }

  protected override async askLedger({ question, ledger, path, body }: LedgerRequest): Promise<LedgerAnswer> {
    const ledgers = this.env.LEDGER as unknown as DurableObjectNamespace<LedgerObject>;
    try {
      const answer = await ledgers.get(ledgers.idFromName(ledger)).ask(ledger, path, body);
      return { question, status: answer.status, body: answer.body };
    } catch (error) {
      console.error(
        JSON.stringify({ level: "error", message: "a ledger did not answer", ledger, reason: String(error) }),
      );
      return { question, status: 0, body: new Uint8Array() };
    }
  }

  /** Learns the object's name with its first request, fills the bucket, and sends what an earlier instance left unsent. */
  async #become(name: string): Promise<void> {
    if (this.#ready) return;
    await this.ctx.blockConcurrencyWhile(async () => {
      if (this.#name !== name) {
        await this.ctx.storage.put(NAME, name);
        this.#name = name;
      }
      if (name === SEEDED_BUCKET && this.env.TOLLGATE_LOCAL === "1") await this.#seed();
    });
    this.#ready = true;
    await this.#schedulePump();
  }

  async #seed(): Promise<void> {
    const response = await this.#askHost("/seed", seed);
    const answer = JSON.parse(new TextDecoder().decode(response.body)) as { seeded?: boolean; apiKey?: string };
    if (response.status !== 200) throw new Error(`the bucket could not be seeded: ${JSON.stringify(answer)}`);
    if (answer.seeded) this.#seededKey = answer.apiKey;
  }

  /** The alarm stands before anybody hears of the commit, so a crash delays what the outbox holds and loses nothing. */
  async #schedulePump(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now());
  }

  #askHost(path: string, body: string): Promise<ControlResponse> {
    const ask: Ask = {
      entry: "host",
      object: this.#name,
      method: "POST",
      target: path,
      headers: [],
      body: new TextEncoder().encode(body),
    };
    return this.perform(ask);
  }
}
