/**
 * Tollgate for JavaScript hosts: API keys, quotas and usage metering decided inside the request.
 *
 * {@link Gate} is the policy at work; {@link AllowedRequest} and the functions beside it are for the code behind it;
 * {@link EdgeModule} is the bare module, for hosts with an event loop of their own.
 */
export type { Counters } from "./counters.js";
export {
  ConfigurationError,
  EdgeModule,
  type EdgeModuleOptions,
  type EventBatch,
  MeterError,
  type PolicyDescription,
  type Refusal,
} from "./edge-module.js";
export type { BackgroundContext, EventSink, FetchedSnapshot, SnapshotSource, StoredSnapshot } from "./effects.js";
export { describePolicies, Gate, type Settled } from "./gate.js";
export type { FailureMode, GateOptions } from "./gate-options.js";
export type { HeaderCopy } from "./header-copy.js";
export { init, type ModuleSource } from "./module-source.js";
export {
  AllowedRequest,
  addMeters,
  attach,
  getMeters,
  getSubscriptionData,
  getUser,
  type Meters,
  setMeters,
} from "./request.js";
export type { Identity, MonetizationSubscription } from "./subscription.js";
