import {
  ABI_VERSION,
  type EdgeExports,
  MAILBOX_WORDS,
  MAX_BATCH_EVENTS,
  NO_HEADER,
  UNKNOWN_RECORD,
  Word,
} from "./abi.js";
import { type HeaderCopy, headerWriter, isWorkerd } from "./header-copy.js";
import { KnownHeaders } from "./known-headers.js";
import type { Identity } from "./subscription.js";

/** What a policy says of itself, defaults filled in (`tg_policy`). */
export interface PolicyDescription {
  name: string;
  /** Lower case. */
  authHeader: string;
  /** `""`: the whole header is the key. */
  authScheme: string;
  cacheTtlSeconds: number;
  staleIfErrorSeconds: number;
  /** How old a record may be that refuses what a change could have cured, before it is asked for again (S4.5). */
  recheckDeniedSeconds: number;
  quotaHeaders: boolean;
  subject: "subscription" | "consumer";
  /** What becomes of a request whose usage there is no room to record (S3.1). */
  whenUndeliverable: "refuse" | "allow";
  /** Whether equal events are sent as one. */
  merge: boolean;
  meters: Record<string, number>;
  requiredEntitlements: string[];
}

/** How an instance of the module is set up. */
export interface EdgeModuleOptions {
  /** The text of a `policies.json`. */
  policies: string;
  /** What a key must look like before anybody is asked about it. Default `"any"`. */
  keyFormat?: "any" | "tgk";
  /** Shown as `trace.buildId` in refusals. */
  buildId?: string;
  /** The bucket whose snapshots are taken: one that names another counts as garbage. Default: any. */
  bucket?: string;
  /** 32 random bytes; default: from `crypto.getRandomValues`. In workerd they can be had only within a request. */
  seed?: Uint8Array;
  /** Default: what measured best on this host. */
  headerCopy?: HeaderCopy;
  /** Whether to keep a map from header values to records in front of the module. Default: in workerd. */
  knownHeaders?: boolean;
}

/** A configuration that was refused; the message names policy, option, value and rule. */
export class ConfigurationError extends Error {
  override name = "ConfigurationError";
}

/** Meters that were refused; the message names key, value and rule. Nothing was changed. */
export class MeterError extends Error {
  override name = "MeterError";
}

/** The answer for a refused request. */
export interface Refusal {
  status: number;
  /** `application/problem+json`. */
  body: string;
}

/** Events to deliver: JSON text of an array of CloudEvents, `application/cloudevents-batch+json`. */
export interface EventBatch {
  id: number;
  events: number;
  text: string;
}

/** No length of a text. Where the module is told it nevertheless, it refuses it as any length beyond its bound. */
const TOO_LONG = -1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * One instance of the edge module: the calls of `wasm/ABI.md`, with text in place of bytes and nothing else added.
 * A call that throws a `WebAssembly.RuntimeError` has trapped: the instance must not be called again.
 */
export class EdgeModule {
  readonly policies: readonly PolicyDescription[];

  readonly #exports: EdgeExports;
  readonly #words: Uint32Array;
  readonly #input: Uint8Array;
  readonly #output: Uint8Array;
  readonly #writeHeader: (text: string) => number;
  /** By policy; shared by those that read the same header in the same way. */
  readonly #known: readonly (KnownHeaders | undefined)[];

  /** @throws ConfigurationError when the policies are refused; nothing of them is in force then. */
  constructor(module: WebAssembly.Module, options: EdgeModuleOptions) {
    const exports = new WebAssembly.Instance(module, {}).exports as unknown as EdgeExports;
    exports._initialize?.();
    if (exports.tg_abi_version() !== ABI_VERSION) {
      throw new Error(
        `tollgate: the module speaks ABI version ${exports.tg_abi_version()}, this package ${ABI_VERSION}`,
      );
    }
    const memory = exports.memory.buffer;
    // A copy: engines look functions up faster in a plain object than in a frozen one without a prototype.
    this.#exports = { ...exports };
    this.#words = new Uint32Array(memory, exports.tg_mailbox(), MAILBOX_WORDS);
    this.#input = new Uint8Array(memory, this.#word(Word.input), this.#word(Word.inputCapacity));
    this.#output = new Uint8Array(memory, this.#word(Word.output), this.#word(Word.outputCapacity));
    const copy = options.headerCopy ?? (isWorkerd() ? "packed" : "encode");
    this.#writeHeader = headerWriter(memory, this.#word(Word.input), copy);

    this.#seed(options.seed ?? crypto.getRandomValues(new Uint8Array(32)));
    if (options.buildId !== undefined && exports.tg_build_id(this.#write(options.buildId)) !== 0) {
      throw new ConfigurationError(`the build id "${options.buildId}" is too long`);
    }
    if (options.bucket !== undefined && exports.tg_bucket(this.#write(options.bucket)) !== 0) {
      throw new ConfigurationError(`the bucket "${options.bucket}" has too long a name`);
    }
    this.policies = this.#configure(options.policies, options.keyFormat === "tgk" ? 1 : 0);
    this.#known =
      (options.knownHeaders ?? isWorkerd()) ? knownHeaders(this.policies) : this.policies.map(() => undefined);
  }

  #seed(seed: Uint8Array): void {
    if (seed.length !== 32) throw new RangeError(`the seed has 32 bytes, not ${seed.length}`);
    this.#input.set(seed);
    if (this.#exports.tg_init() !== 0) throw new Error("tollgate: the module could not be set up");
    this.#input.fill(0, 0, 32);
  }

  #configure(policies: string, keyFormat: number): PolicyDescription[] {
    const length = this.#write(policies);
    if (length === TOO_LONG)
      throw new ConfigurationError(`the configuration must have at most ${this.#input.length} bytes`);
    const count = this.#exports.tg_configure(length, keyFormat);
    if (count < 0) throw new ConfigurationError(this.#sentence());
    return Array.from(
      { length: count },
      (_, i) => JSON.parse(this.#read(this.#exports.tg_policy(i))) as PolicyDescription,
    );
  }

  /**
   * Decides about one request.
   *
   * @param policy index into {@link policies}
   * @param header value of its `authHeader`; one that came several times is joined by `", "`; null: there is none
   * @param now milliseconds since 1970
   * @returns `> 0` allowed: a handle owed to {@link finish} or {@link abandon}; `< 0` denied: the number is for
   *   {@link problem}; `0` suspended: see {@link handle}, {@link effect}, {@link digest}
   */
  check(policy: number, header: string | null, now: number): number {
    if (header === null) return this.#exports.tg_check(policy, NO_HEADER, now);
    const known = this.#known[policy];
    if (known === undefined) return this.#exports.tg_check(policy, this.#writeHeader(header), now);
    return this.#checkKnown(known, policy, header, now);
  }

  #checkKnown(known: KnownHeaders, policy: number, header: string, now: number): number {
    const tag = known.get(header);
    if (tag !== undefined) {
      const result = this.#exports.tg_check_known(policy, tag, now);
      if (result !== UNKNOWN_RECORD) return result;
      known.delete(header);
    }
    const result = this.#exports.tg_check(policy, this.#writeHeader(header), now);
    const record = result === 0 ? 0 : this.#word(Word.record);
    if (record !== 0) known.set(header, record);
    return result;
  }

  /** After a suspended result: the request that waits. */
  get handle(): number {
    return this.#word(Word.handle);
  }

  /** After a suspended result: what it needs, an {@link Effect}. */
  get effect(): number {
    return this.#word(Word.effect);
  }

  /** After a suspended result: the name of the snapshot that is looked up, 64 hexadecimal digits. */
  get digest(): string {
    return this.#read(64);
  }

  /** After a decision: the tag of the record behind it, 0 for none. */
  get record(): number {
    return this.#word(Word.record);
  }

  /** After {@link resume}: seconds for which the snapshot just given is to be put into KV; 0: not at all. */
  get storeSeconds(): number {
    return this.#word(Word.storeSeconds);
  }

  /** After {@link resume}: the tag of the record that holds the snapshot just given, 0 when it was not taken. */
  get taken(): number {
    return this.#word(Word.taken);
  }

  /**
   * Ends a suspended request's effect.
   *
   * @param status 200 with the snapshot's text, 404, 401, anything else (0) for an outage
   * @param takenAt of a KV read: what is stored beside the snapshot, be it in the future; otherwise when the question
   *   was asked. Milliseconds since 1970
   */
  resume(handle: number, status: number, snapshot: string, takenAt: number, now: number): number {
    const { read, written } = encoder.encodeInto(snapshot, this.#input);
    // What does not fit is no snapshot of ours: an answer that cannot be read counts as an outage.
    if (read < snapshot.length) return this.#exports.tg_resume(handle, 0, 0, now, now);
    return this.#exports.tg_resume(handle, status, written, takenAt, now);
  }

  /** The next request to be woken, 0 when there is no more. Ask after each call on a suspended request. */
  nextWoken(): number {
    return this.#word(Word.woken) === 0 ? 0 : this.#exports.tg_next_woken();
  }

  /** Goes on with a request that was woken. */
  poll(handle: number, now: number): number {
    return this.#exports.tg_poll(handle, now);
  }

  /** Makes a waiting request the one that fetches. */
  takeOver(handle: number, now: number): number {
    return this.#exports.tg_take_over(handle, now);
  }

  /** Ends a request that was not served: nothing is recorded. */
  abandon(handle: number): number {
    return this.#exports.tg_abandon(handle);
  }

  /** The tag of a live request's record, 0 if none. */
  recordOf(handle: number): number {
    return this.#exports.tg_record(handle);
  }

  /** Who sent an allowed request; undefined once it has ended. */
  identity(handle: number): Identity | undefined {
    const length = this.#exports.tg_identity(handle);
    if (length < 0) return undefined;
    const [consumer, subscriptionId] = this.#read(length).split("\0") as [string, string];
    return { consumer, subscriptionId };
  }

  /**
   * Ends a request that was answered with `status`, and records what it used.
   *
   * @param meters runtime meters as {@link mergeMeters} answered them, `""` for none
   * @returns events in the outbox, or STALE
   * @throws MeterError when the runtime meters are not valid; the handle is still owed then
   */
  finish(handle: number, status: number, meters: string): number {
    const length = meters === "" ? 0 : this.#writeMeters(meters);
    const events = this.#exports.tg_finish(handle, status, length);
    if (events === -1) throw new MeterError(this.#sentence());
    return events;
  }

  /**
   * Sets or adds runtime meters (S2.6).
   *
   * @param state what an earlier call answered, `""` at first
   * @returns the new state
   * @throws MeterError naming key, value and rule; the old state stays valid
   */
  mergeMeters(state: string, operation: "set" | "add", meters: string): string {
    const request = `{"state":${state === "" ? "null" : state},"${operation}":${meters}}`;
    const length = this.#exports.tg_meters(this.#writeMeters(request));
    if (length < 0) throw new MeterError(this.#sentence());
    return this.#read(length);
  }

  /** The answer for a denial. */
  problem(result: number, policy: number, instance: string, requestId: string, now: number): Refusal {
    const length = this.#write(`${instance}\0${requestId}`);
    const body = this.#read(this.#exports.tg_problem(result, policy, length, now));
    return { status: this.#word(Word.status), body };
  }

  /** Directly after a decision: header lines `Name: value\n` for it, `""` where none apply (S2.8). */
  quotaHeaders(result: number, policy: number, now: number): string {
    return this.#read(this.#exports.tg_quota_headers(result, policy, now));
  }

  /** Each of the fifteen checks for a header, as JSON. */
  explain(policy: number, header: string | null, now: number): string {
    return this.#read(this.#exports.tg_explain(policy, header === null ? NO_HEADER : this.#writeHeader(header), now));
  }

  /** The next batch of events, or undefined when there is none. It is out until delivered or failed. */
  drain(max: number = MAX_BATCH_EVENTS): EventBatch | undefined {
    const length = this.#exports.tg_drain(max);
    if (length <= 0) return undefined;
    return { id: this.#word(Word.batch), events: this.#word(Word.events), text: this.#read(length) };
  }

  delivered(batch: number): void {
    this.#exports.tg_delivered(batch);
  }

  failed(batch: number): void {
    this.#exports.tg_failed(batch);
  }

  /** Counters and gauges of the instance. */
  stats(): Record<string, number> {
    return JSON.parse(this.#read(this.#exports.tg_stats())) as Record<string, number>;
  }

  #word(word: Word): number {
    return this.#words[word] as number;
  }

  /** Writes to the input and answers how many bytes, or TOO_LONG. */
  #write(text: string): number {
    const { read, written } = encoder.encodeInto(text, this.#input);
    return read < text.length ? TOO_LONG : written;
  }

  #writeMeters(text: string): number {
    const length = this.#write(text);
    if (length === TOO_LONG) throw new MeterError(`the meters must have at most ${this.#input.length} bytes`);
    return length;
  }

  #read(length: number): string {
    return length > 0 ? decoder.decode(this.#output.subarray(0, length)) : "";
  }

  /** A sentence that ends with a zero byte. */
  #sentence(): string {
    const end = this.#output.indexOf(0);
    return this.#read(end < 0 ? this.#output.length : end);
  }
}

/** One map for each way of reading a header, in the order of the policies. */
function knownHeaders(policies: readonly PolicyDescription[]): KnownHeaders[] {
  const ways = policies.map(({ authHeader, authScheme }) => `${authHeader}\n${authScheme}`);
  const shares = new Set(ways).size;
  const maps = new Map(ways.map((way) => [way, new KnownHeaders(shares)]));
  return ways.map((way) => maps.get(way) as KnownHeaders);
}
