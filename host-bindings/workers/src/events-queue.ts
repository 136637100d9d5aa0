import type { EventSink } from "tollgate";
import type { ControlPlane } from "./control-plane.js";
import type { DeadLetter, Env } from "./env.js";
import { parseExactly } from "./exact-json.js";
import { boundedText } from "./gateway/body.js";
import { log } from "./gateway/problem.js";

const BATCH_TYPE = "application/cloudevents-batch+json";
/** Waits before another try: doubled with each, at most this long. */
const MAX_RETRY_SECONDS = 600;
const MAX_REASON = 1000;

/** Puts batches of events on the queue; a message is `{"bucket", "events"}` in JSON text. */
export function queueSink(env: Env, bucket: string): EventSink {
  return {
    async send(batch) {
      await env.EVENTS.send(`{"bucket":${JSON.stringify(bucket)},"events":${batch}}`, { contentType: "text" });
    },
  };
}

/** What the ledger made of a request: committed, refused for good, or to be tried again. */
type Outcome = { kind: "committed" } | { kind: "refused"; reason: string } | { kind: "again"; reason: string };

/**
 * Brings queued batches to the ledger. A message is acknowledged when all that is in it is committed or on its way to
 * the dead-letter queue (M5); until then it comes again, and events that had been committed are recognised by their ids.
 */
export async function consumeEvents(batch: MessageBatch<string>, env: Env, plane: ControlPlane): Promise<void> {
  for (const message of batch.messages) {
    const outcome = await deliver(message.body, env, plane).catch(unreachable);
    if (outcome.kind === "again") {
      log("warn", "a batch of events goes back to the queue", { attempts: message.attempts, reason: outcome.reason });
      message.retry({ delaySeconds: Math.min(2 ** message.attempts, MAX_RETRY_SECONDS) });
    } else {
      message.ack();
    }
  }
}

async function deliver(body: string, env: Env, plane: ControlPlane): Promise<Outcome> {
  const message = parseMessage(body);
  if (message === undefined) {
    const event = JSON.stringify(String(body).slice(0, 65_536));
    await env.DEAD_LETTERS.send({ bucket: "", reason: "the message is no batch of events", event });
    return { kind: "committed" };
  }
  const { bucket, events } = message;
  const whole = await post(plane, bucket, events);
  if (whole.kind !== "refused") return whole;
  for (const event of events) {
    const single = await post(plane, bucket, [event]);
    if (single.kind === "again") return single;
    if (single.kind === "refused")
      await env.DEAD_LETTERS.send({ bucket, reason: single.reason, event: JSON.stringify(event) });
  }
  return { kind: "committed" };
}

async function post(plane: ControlPlane, bucket: string, events: unknown[]): Promise<Outcome> {
  const body = { type: BATCH_TYPE, text: JSON.stringify(events) };
  const response = await plane.ask("POST", `/v3/metering/${bucket}/events`, body);
  if (response.ok) {
    await response.body?.cancel();
    return { kind: "committed" };
  }
  const reason = `${response.status}: ${await detailOf(response)}`;
  const refused = response.status === 400 || response.status === 422;
  return { kind: refused ? "refused" : "again", reason: reason.slice(0, MAX_REASON) };
}

/** What a problem body says, or what stands in place of one. */
async function detailOf(response: Response): Promise<string> {
  try {
    const text = await boundedText(response, 16 * 1024);
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === "string" ? detail : text;
  } catch {
    return "the answer says no more";
  }
}

function parseMessage(body: unknown): { bucket: string; events: unknown[] } | undefined {
  try {
    const { bucket, events } = parseExactly(body as string) as { bucket?: unknown; events?: unknown };
    return typeof bucket === "string" && /^[a-z-]+$/.test(bucket) && Array.isArray(events)
      ? { bucket, events }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Stores and counts dead letters in their bucket, where people find them. One without a bucket is logged. */
export async function consumeDeadLetters(batch: MessageBatch<DeadLetter>, plane: ControlPlane): Promise<void> {
  for (const message of batch.messages) {
    const { bucket, reason, event } = message.body;
    if (bucket === "") {
      log("error", "a queue message was not one of ours and was dropped", { reason });
      message.ack();
      continue;
    }
    const text = `{"reason":${JSON.stringify(reason)},"event":${event}}`;
    const outcome = await plane
      .ask("POST", `/v3/metering/${bucket}/dead-letters`, { type: "application/json", text })
      .then(
        (response): Outcome =>
          response.ok ? { kind: "committed" } : { kind: "again", reason: `status ${response.status}` },
      )
      .catch(unreachable);
    log("error", "an event was refused by the ledger", { bucket, reason });
    if (outcome.kind === "committed") message.ack();
    else message.retry({ delaySeconds: Math.min(2 ** message.attempts, MAX_RETRY_SECONDS) });
  }
}

function unreachable(error: unknown): Outcome {
  return { kind: "again", reason: (error as Error)?.message ?? "unreachable" };
}
