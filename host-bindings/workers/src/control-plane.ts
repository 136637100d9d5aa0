import { handleControl } from "./control/index.js";
import type { Env } from "./env.js";

/** How long the control plane may take for one answer. */
const TIMEOUT_MS = 5_000;

/** The control plane as the gateway and the queue consumer see it. */
export interface ControlPlane {
  /** Rejects when it cannot be reached in time. */
  ask(method: string, path: string, body?: { type: string; text: string }): Promise<Response>;
}

/** The control plane of this Worker, or the one that `TOLLGATE_CONTROL_URL` names. */
export function controlPlane(env: Env): ControlPlane {
  const key = env.TOLLGATE_EDGE_KEY ?? env.TOLLGATE_ADMIN_KEY ?? "";
  const elsewhere = env.TOLLGATE_CONTROL_URL;
  return {
    ask(method, path, body) {
      const headers = new Headers({ authorization: `Bearer ${key}` });
      if (body !== undefined) headers.set("content-type", body.type);
      const url = new URL(path, elsewhere ?? "http://control.internal");
      const request = new Request(url, { method, headers, body: body?.text ?? null, redirect: "manual" });
      if (elsewhere === undefined) return handleControl(request, env);
      return fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    },
  };
}
