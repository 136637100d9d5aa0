/** An event of a batch that was refused for good, and why. */
interface RefusedEvent {
  index: number;
  reason: string;
}

/** What is to be done about a batch that was refused. */
interface Sorted {
  /** By index, each once. */
  refused: RefusedEvent[];
  /** The batches to send in place of the one that was refused, each by the indices of its events. */
  again: number[][];
}

/** Letters of a reason that are kept. */
export const MAX_REASON = 1000;

/** How the control plane names an event of a batch, and what of it: `events[3].data.total`. */
const EVENT_FIELD = /^events\[(\d{1,6})\](?:\.(.*))?$/;

/**
 * Sorts a batch that was refused, which it is as a whole. Events that the answer names in `invalidParameters` are the
 * ones that are refused, all others go again in one batch. Where it names none, the two halves go; a single event is it
 * then. tests/gateway/refused-batches.json has cases for this and its twin of `tollgate serve`.
 *
 * @param answer the body of the refusal
 */
export function sortRefused(events: number, status: number, answer: string): Sorted {
  const problem = parsed(answer);
  const named = namedIn(problem, events);
  const indices = Array.from({ length: events }, (_, index) => index);
  if (named.size > 0) {
    const refused = [...named].sort(([one], [other]) => one - other);
    const rest = indices.filter((index) => !named.has(index));
    return {
      refused: refused.map(([index, faults]) => ({ index, reason: reasonOf(status, faults.join("; ")) })),
      again: rest.length === 0 ? [] : [rest],
    };
  }
  if (events > 1) {
    const half = Math.ceil(events / 2);
    return { refused: [], again: [indices.slice(0, half), indices.slice(half)] };
  }
  return { refused: [{ index: 0, reason: reasonOf(status, detailOf(problem) ?? answer) }], again: [] };
}

/** A status and what was said with it, as a reason to keep. */
export function reasonOf(status: number, text: string): string {
  return `${status}: ${text}`.slice(0, MAX_REASON);
}

/** What a problem says of itself. */
export function detailOf(problem: Record<string, unknown>): string | undefined {
  return typeof problem.detail === "string" ? problem.detail : undefined;
}

/** The members of a body; none when it is no object in JSON. */
export function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What is wrong with each event that is named. */
function namedIn({ invalidParameters }: Record<string, unknown>, events: number): Map<number, string[]> {
  const named = new Map<number, string[]>();
  for (const entry of Array.isArray(invalidParameters) ? (invalidParameters as unknown[]) : []) {
    const { field, message } = (entry ?? {}) as { field?: unknown; message?: unknown };
    if (typeof field !== "string" || typeof message !== "string") continue;
    const found = EVENT_FIELD.exec(field);
    const index = Number(found?.[1] ?? events);
    if (index < events) named.set(index, [...(named.get(index) ?? []), `${found?.[2] ?? "event"} ${message}`]);
  }
  return named;
}
