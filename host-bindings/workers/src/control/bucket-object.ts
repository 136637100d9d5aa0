import seed from "../../../../config/seed.json";
import type { Env } from "../env.js";
import { type Ask, ControlObject, type HostAnswer, hostAsk } from "./control-object.js";
import { type ControlResponse, type ObjectAnswer, type ObjectRequest, Work } from "./frame.js";
import type { Answer } from "./http.js";
import type { LedgerObject } from "./ledger-object.js";
import { Pump } from "./pump.js";

/** The bucket that `make run` fills with a small catalog. */
const SEEDED_BUCKET = "working-copy";
/** Where the object keeps its own name, which an alarm has to know. */
const NAME = "name";
const RETRY_MS = 30_000;
/** The runtime counts nanoseconds in 64 bits and takes no alarm for the year 3000: later ones go off in between. */
const FARTHEST_ALARM_MS = 30 * 86_400_000;
/** Transactions of timers that one request waits for; what is left of them is the alarm's. */
const TIMERS_BEFORE_REQUEST = 8;

/** Catalog, customers, subscriptions, keys, timers and outbox of one bucket. */
export class BucketObject extends ControlObject {
  #name = "";
  #ready = false;
  #seededKey: string | undefined;
  /** When the first timer is due that has not run; 0: not known yet. */
  #nextTimer = 0;
  /** When the alarm goes off; undefined: not known, or not at all. */
  #alarmAt: number | undefined;
  #pumping: Promise<void> = Promise.resolve();
  readonly #pump = new Pump({
    ask: (path, body) => this.#askHost(path, body),
    snapshots: this.env.SNAPSHOTS,
  });

  constructor(state: DurableObjectState, env: Env) {
    super(state, env, "bucket");
    void state.blockConcurrencyWhile(async () => {
      this.#name = (await state.storage.get<string>(NAME)) ?? "";
    });
  }

  /** A request to the API of this bucket. */
  async serve(ask: Ask): Promise<Answer> {
    if (!this.#ready) await this.#become(ask.object);
    if (this.#nextTimer <= Date.now()) this.#nextTimer = await this.#pump.runTimers(TIMERS_BEFORE_REQUEST);
    const { status, headers, body, work, nextTimers } = await this.perform(ask);
    if (nextTimers !== undefined) this.#nextTimer = nextTimers;
    if (work !== Work.None) await this.#wakeAt(Date.now());
    else if (nextTimers !== undefined) await this.#wakeAt(nextTimers);
    if (work === Work.First) await this.#runPump();
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
    this.#alarmAt = undefined;
    await this.#runPump();
  }

  /** One run after the other: of two at once, the one that is behind could write an older snapshot over a newer one. */
  #runPump(): Promise<void> {
    const run = () => this.#pumpOnce();
    this.#pumping = this.#pumping.then(run, run);
    return this.#pumping;
  }

  async #pumpOnce(): Promise<void> {
    try {
      const next = await this.#pump.run(this.#name);
      this.#nextTimer = Math.min(this.#nextTimer, next);
      await this.#wakeAt(next);
    } catch (error) {
      // The runtime gives an alarm that fails up after a few tries; what is due stays due, also for the next request.
      this.#nextTimer = 0;
      console.error(JSON.stringify({ level: "error", message: "the pump failed", reason: String(error) }));
      await this.#wakeAt(Date.now() + RETRY_MS);
    }
  }

  /** A question of another bucket (promotion). */
  async ask(object: string, path: string, body: Uint8Array): Promise<HostAnswer> {
    await this.#become(object);
    const response = await this.perform(hostAsk(object, path, body));
    return { status: response.status, body: response.body };
  }

  protected override async askObject({ question, ...need }: ObjectRequest): Promise<ObjectAnswer> {
    try {
      return { question, ...(await this.#reach(need)) };
    } catch (error) {
      const { object } = need;
      console.error(
        JSON.stringify({ level: "error", message: "an object did not answer", object, reason: String(error) }),
      );
      return { question, status: 0, body: new Uint8Array() };
    }
  }

  async #reach({ role, object, path, body, now }: Omit<ObjectRequest, "question">): Promise<HostAnswer> {
    if (role === "ledger") {
      const ledgers = this.env.LEDGER as unknown as DurableObjectNamespace<LedgerObject>;
      return await ledgers.get(ledgers.idFromName(object)).ask(object, path, body, now);
    }
    const buckets = this.env.BUCKET as unknown as DurableObjectNamespace<BucketObject>;
    return await buckets.get(buckets.idFromName(object)).ask(object, path, body);
  }

  /** Learns the object's name with its first request, fills the bucket, and does what an earlier instance left. */
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
    await this.#wakeAt(Date.now());
  }

  async #seed(): Promise<void> {
    const response = await this.#askHost("/seed", seed);
    const answer = JSON.parse(new TextDecoder().decode(response.body)) as { seeded?: boolean; apiKey?: string };
    if (response.status !== 200) throw new Error(`the bucket could not be seeded: ${JSON.stringify(answer)}`);
    if (answer.seeded) this.#seededKey = answer.apiKey;
  }

  /**
   * Has the alarm go off at a time, or earlier where it was to already. It stands before anybody hears of the commit
   * that needs it, so a crash delays what is due and loses nothing.
   */
  async #wakeAt(due: number): Promise<void> {
    if (due === Number.POSITIVE_INFINITY) return;
    const time = Math.min(due, Date.now() + FARTHEST_ALARM_MS);
    if (this.#alarmAt !== undefined && this.#alarmAt <= time) return;
    const set = await this.ctx.storage.getAlarm();
    const goesOffLater = set === null || set > time;
    if (goesOffLater) await this.ctx.storage.setAlarm(time);
    this.#alarmAt = goesOffLater ? time : set;
  }

  #askHost(path: string, body: string): Promise<ControlResponse> {
    return this.perform(hostAsk(this.#name, path, new TextEncoder().encode(body)));
  }
}
