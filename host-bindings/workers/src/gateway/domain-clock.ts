import type { BackgroundContext } from "tollgate";
import type { ControlPlane } from "../control-plane.js";
import { boundedText } from "./body.js";

const MAX_ANSWER_BYTES = 4096;
/** How old the clock's position may be. */
const FRESH_MS = 1_000;
/** How long a request waits; the clock then goes on from where it was. */
const PATIENCE_MS = 500;
/** How long a control plane that did not answer is left alone. */
const RETRY_MS = 30_000;

/** Where a test clock stood at some moment of real time. */
interface Position {
  now: number;
  at: number;
  frozen: boolean;
}

/**
 * The time that a bucket lives in (S10, `test-clock`): the edge goes by it, so that a quota, a key and a phase end when
 * the clock that the test moves says so. Production lives in real time and asks nobody. Elsewhere the control plane is
 * asked at most once a second, by a request that waits for the answer, though not for long. A step of the machine's
 * clock has it asked again at once.
 */
export class DomainClock {
  readonly #plane: ControlPlane;
  readonly #path: string;
  readonly #hasTestClock: boolean;
  #position: Position | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #freshMs = FRESH_MS;

  constructor(bucket: string, plane: ControlPlane) {
    this.#plane = plane;
    this.#path = `/v3/metering/${bucket}/test-clock`;
    this.#hasTestClock = bucket !== "production";
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => {
    const position = this.#position;
    if (position === undefined) return Date.now();
    return position.now + (position.frozen ? 0 : Math.max(0, Date.now() - position.at));
  };

  /** Looks at the clock again where that is due: a promise that the request is to wait for. */
  refresh(context: BackgroundContext): Promise<void> | undefined {
    const age = Date.now() - this.#askedAt;
    // Below 0: the machine's clock has stepped back, and nothing is known to be fresh.
    if (!this.#hasTestClock || (age >= 0 && age < this.#freshMs)) return undefined;
    this.#askedAt = Date.now();
    this.#freshMs = FRESH_MS;
    const asked = this.#ask();
    context.waitUntil(asked);
    return Promise.race([asked, new Promise<void>((done) => setTimeout(done, PATIENCE_MS))]);
  }

  async #ask(): Promise<void> {
    try {
      const response = await this.#plane.ask("GET", this.#path);
      const text = await boundedText(response, MAX_ANSWER_BYTES);
      if (!response.ok) throw new Error(`status ${response.status}`);
      const { now, set, frozen } = JSON.parse(text) as { now?: string; set?: boolean; frozen?: boolean };
      const instant = Date.parse(now ?? "");
      if (Number.isNaN(instant) || typeof set !== "boolean") throw new Error("that is no clock");
      this.#position = set ? { now: instant, at: Date.now(), frozen: frozen === true } : undefined;
    } catch {
      // The clock goes on from where it was; keys and quotas have their own rules for an outage.
      this.#freshMs = RETRY_MS;
    }
  }
}
