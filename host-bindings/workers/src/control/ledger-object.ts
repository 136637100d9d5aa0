import type { Env } from "../env.js";
import { ControlObject, type HostAnswer, hostAsk } from "./control-object.js";

/** Events and usage of one subscription. Only bucket objects call it. */
export class LedgerObject extends ControlObject {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, "ledger");
  }

  /** `now` is the time that the bucket lives in. */
  async ask(object: string, path: string, body: Uint8Array, now: number): Promise<HostAnswer> {
    const response = await this.perform(hostAsk(object, path, body), now);
    return { status: response.status, body: response.body };
  }
}
