import type { Env } from "../env.js";
import { ControlObject } from "./control-object.js";

/** Events and usage of one subscription. Only bucket objects call it. */
export class LedgerObject extends ControlObject {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, "ledger");
  }

  async ask(object: string, path: string, body: Uint8Array): Promise<{ status: number; body: Uint8Array }> {
    const headers: [string, string][] = [];
    const response = await this.perform({ entry: "host", object, method: "POST", target: path, headers, body });
    return { status: response.status, body: response.body };
  }
}
