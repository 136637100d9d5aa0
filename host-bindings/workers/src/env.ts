/** What `wrangler.toml` binds. Upstreams that routes name as `service:BINDING` stand beside these. */
export interface Env {
  /** Snapshots by bucket and key digest; also written by the control plane. */
  SNAPSHOTS: KVNamespace;
  /** Batches of events on their way to the ledger. */
  EVENTS: Queue<string>;
  /** Events that no ledger takes. */
  DEAD_LETTERS: Queue<DeadLetter>;
  BUCKET: DurableObjectNamespace;
  LEDGER: DurableObjectNamespace;
  /** Key of the control plane for people; `scripts/run` sets it on a developer's machine. */
  TOLLGATE_ADMIN_KEY?: string;
  /** Key of the control plane for this gateway; default: the admin key. */
  TOLLGATE_EDGE_KEY?: string;
  /** Overrides the bucket of `routes.json`. */
  TOLLGATE_BUCKET?: string;
  /** Texts in place of `config/policies.json` and `config/routes.json`. */
  TOLLGATE_POLICIES?: string;
  TOLLGATE_ROUTES?: string;
  /** Address of a control plane elsewhere; default: the one in this Worker. */
  TOLLGATE_CONTROL_URL?: string;
  /** "1" on a developer's machine, set by `scripts/run` only. */
  TOLLGATE_LOCAL?: string;
  /** Shown in refusals. */
  TOLLGATE_BUILD_ID?: string;
}

/** One event that was refused, and why. */
export interface DeadLetter {
  bucket: string;
  reason: string;
  /** JSON text, with the digits as they came. */
  event: string;
}

/** The service binding of a name; undefined when nothing, or something else, is bound to it. */
export function serviceBinding(env: Env, name: string): Fetcher | undefined {
  const binding = (env as unknown as Record<string, unknown>)[name] as Partial<Fetcher> | undefined;
  return typeof binding?.fetch === "function" ? (binding as Fetcher) : undefined;
}
