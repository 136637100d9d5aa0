/**
 * Where the events of this gateway are (M5): each isolate counts what it put on the queue and what it took off, so the
 * equation `sent = accepted + rejected + deadLettered + inFlight` holds for the sum over isolates, and in the one
 * isolate of a developer's machine. What is lost before it is sent, the gate counts.
 */
interface QueueCounters {
  /** Events that were put on the queue. */
  sent: number;
  /** Committed by a ledger. */
  accepted: number;
  /** Refused by the ledger for good, and kept in their bucket as dead letters. */
  rejected: number;
  /** Given up after all tries, and kept: in their bucket, or in KV where the bucket did not take them either. */
  deadLettered: number;
  /** Messages, not events, that are kept in KV, for people to look at. */
  keptMessages: number;
}

/** Of this isolate. */
export const queueCounters: QueueCounters = { sent: 0, accepted: 0, rejected: 0, deadLettered: 0, keptMessages: 0 };

/** Events on a queue or with one of its consumers. */
export function inFlight({ sent, accepted, rejected, deadLettered }: QueueCounters): number {
  return sent - accepted - rejected - deadLettered;
}
