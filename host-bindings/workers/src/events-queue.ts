import type { EventSink } from "tollgate";
import type { GatewayRules } from "tollgate/internal/gateway";
import type { ControlPlane } from "./control-plane.js";
import type { DeadLetter, Env } from "./env.js";
import { parseExactly } from "./exact-json.js";
import { boundedText } from "./gateway/body.js";
import { log } from "./gateway/log.js";
import { queueCounters } from "./queue-counters.js";

const BATCH_TYPE = "application/cloudevents-batch+json";
/** Waits before another try: doubled with each, at most this long. */
const MAX_RETRY_SECONDS = 600;
/** A longer answer says no more than that it is one. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Letters of a reason that are kept. */
const MAX_REASON = 1000;
/** Dead letters of one request to their queue, which takes 256 KB: a reason has 1 KB, an event rarely half of one. */
const LETTERS_AT_ONCE = 50;
const GIVEN_UP = "delivery was tried until the queue gave up (max_retries of tollgate-events in wrangler.toml)";

/** Puts batches of events on the queue; a message is `{"bucket", "events"}` in JSON text. */
export function queueSink(env: Env, bucket: string): EventSink {
  return {
    async send(batch, events) {
      // Counted before: the consumer may be done with it before the answer is here.
      queueCounters.sent += events;
      try {
        await env.EVENTS.send(`{"bucket":${JSON.stringify(bucket)},"events":${batch}}`, { contentType: "text" });
      } catch (error) {
        queueCounters.sent -= events;
        throw error;
      }
    },
  };
}

/** What the control plane made of a request: done, refused for good, or to be tried again. */
type Outcome =
  | { kind: "done" }
  | { kind: "refused"; status: number; text: string; reason: string }
  | { kind: "again"; reason: string };

/** What {@link queueSink} puts into a message; numbers keep their digits. */
interface Batch {
  bucket: string;
  events: unknown[];
}

/** Why a message is to come again. */
type Again = string;

/** The control plane, and what its refusals mean. */
interface Ledgers {
  plane: ControlPlane;
  rules: GatewayRules;
}

type Consumer = (message: Message, env: Env, ledgers: Ledgers) => Promise<Again | undefined>;

/**
 * The consumers by the ends of their queues' names. Every message ends counted: in a ledger, in the dead letters of its
 * bucket, or in KV (M5). It is acknowledged when it is there, and comes again until then.
 */
const CONSUMERS: Record<string, Consumer> = {
  "-events": consumeEvents,
  "-undelivered": consumeUndelivered,
  "-dead-letters": consumeDeadLetter,
  "-last-resort": (message, env) => keep(message, env, "no consumer could deal with it"),
};

/** Brings the messages of a queue to where they belong, all of a batch at once. */
export async function consume(
  batch: MessageBatch<unknown>,
  env: Env,
  plane: ControlPlane,
  rules: GatewayRules,
): Promise<void> {
  const consumer = Object.entries(CONSUMERS).find(([name]) => batch.queue.endsWith(name))?.[1];
  if (consumer === undefined) throw new Error(`nobody consumes the queue ${batch.queue}`);
  const one = async (message: Message): Promise<void> => {
    const again = await consumer(message, env, { plane, rules }).catch(reasonOfError);
    if (again === undefined) return message.ack();
    const { attempts } = message;
    log("warn", "a message goes back to its queue", { queue: batch.queue, attempts, reason: again });
    message.retry({ delaySeconds: Math.min(2 ** attempts, MAX_RETRY_SECONDS) });
  };
  await Promise.all(batch.messages.map(one));
}

function reasonOfError(error: unknown): string {
  return (error as Error)?.message ?? "unreachable";
}

/** Events on their way to the ledger. Those that were committed already are recognised there by their ids. */
async function consumeEvents(message: Message, env: Env, ledgers: Ledgers): Promise<Again | undefined> {
  const batch = parseBatch(message.body);
  if (batch === undefined) return keep(message, env, "it is no batch of events");
  const letters: DeadLetter[] = [];
  const again = await deliver(batch, ledgers, letters);
  if (again !== undefined) return again;
  for (let i = 0; i < letters.length; i += LETTERS_AT_ONCE) {
    await env.DEAD_LETTERS.sendBatch(letters.slice(i, i + LETTERS_AT_ONCE).map((body) => ({ body })));
  }
  queueCounters.accepted += batch.events.length - letters.length;
  return undefined;
}

/** Events that the ledger did not take however often they came: a last try, then they are dead letters. */
async function consumeUndelivered(message: Message, env: Env, ledgers: Ledgers): Promise<Again | undefined> {
  const again = await consumeEvents(message, env, ledgers).catch(reasonOfError);
  if (again === undefined) return undefined;
  const { bucket, events } = parseBatch(message.body) as Batch;
  const reason = `${GIVEN_UP}; at last ${again}`.slice(0, MAX_REASON);
  for (const event of events) {
    const outcome = await store({ bucket, reason, event: textOf(event) }, ledgers);
    if (outcome.kind !== "done") return outcome.reason;
  }
  queueCounters.deadLettered += events.length;
  log("error", "events were given up and are dead letters", { bucket, events: events.length, reason: again });
  return undefined;
}

/** Stores a dead letter in its bucket, where people find it; in KV when the bucket refuses it. */
async function consumeDeadLetter(message: Message, env: Env, ledgers: Ledgers): Promise<Again | undefined> {
  const letter = message.body as DeadLetter;
  const outcome = await store(letter, ledgers);
  if (outcome.kind === "again") return outcome.reason;
  if (outcome.kind === "refused") return keep(message, env, outcome.reason);
  queueCounters.rejected++;
  log("error", "an event was refused by the ledger", { bucket: letter.bucket, reason: letter.reason });
  return undefined;
}

/** Keeps a message that nobody can deal with in KV, for people to look at: `last-resort/<id of the message>`. */
async function keep(message: Message, env: Env, reason: string): Promise<Again | undefined> {
  const { id, body, timestamp } = message;
  const metadata = { reason: reason.slice(0, 200), sentAt: timestamp.toISOString() };
  await env.SNAPSHOTS.put(`last-resort/${id}`, typeof body === "string" ? body : textOf(body), { metadata });
  queueCounters.keptMessages++;
  queueCounters.deadLettered += eventsIn(body);
  log("error", "a message is kept in KV for people to look at", { key: `last-resort/${id}`, reason });
  return undefined;
}

/** How many events of ours a message carries. */
function eventsIn(body: unknown): number {
  if (typeof body === "string") return parseBatch(body)?.events.length ?? 0;
  return typeof (body as Partial<DeadLetter> | null)?.event === "string" ? 1 : 0;
}

/** Posts a batch, in parts where it is refused; what is refused for good is added to the letters. */
async function deliver({ bucket, events }: Batch, ledgers: Ledgers, letters: DeadLetter[]): Promise<Again | undefined> {
  const outcome = await post(ledgers, `/v3/metering/${bucket}/events`, { type: BATCH_TYPE, text: textOf(events) });
  if (outcome.kind === "done") return undefined;
  if (outcome.kind === "again") return outcome.reason;
  const { refused, again } = ledgers.rules.sortRefused(events.length, outcome.status, outcome.text);
  letters.push(...refused.map(({ index, reason }) => ({ bucket, reason, event: textOf(events[index]) })));
  for (const indices of again) {
    const failed = await deliver({ bucket, events: indices.map((index) => events[index]) }, ledgers, letters);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

function store({ bucket, reason, event }: DeadLetter, ledgers: Ledgers): Promise<Outcome> {
  const text = `{"reason":${JSON.stringify(reason)},"event":${event}}`;
  return post(ledgers, `/v3/metering/${bucket}/dead-letters`, { type: "application/json", text });
}

async function post({ plane, rules }: Ledgers, path: string, body: { type: string; text: string }): Promise<Outcome> {
  const response = await plane.ask("POST", path, body);
  const { status } = response;
  // The control plane says this and nothing else (S10): a 200 is of something in between, and commits nothing.
  if (status === 204) return { kind: "done" };
  const text = await boundedText(response, MAX_ANSWER_BYTES).catch(() => "the answer says no more");
  if (status === 400 || status === 413 || status === 422) {
    return { kind: "refused", status, text, reason: rules.reasonOf(status, text) };
  }
  return { kind: "again", reason: rules.reasonOf(status, text) };
}

function parseBatch(body: unknown): Batch | undefined {
  try {
    const { bucket, events } = parseExactly(body as string) as { bucket?: unknown; events?: unknown };
    return typeof bucket === "string" && /^[a-z-]+$/.test(bucket) && Array.isArray(events)
      ? { bucket, events }
      : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
