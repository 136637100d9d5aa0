/**
 * What stands around the policy, for gateways: routes, paths, fields, CORS, meters of responses, problem bodies. Not
 * part of the package's stable interface.
 */
export { appendLines, applyEdits, type Fields } from "./fields.js";
export type { MeterReading } from "./response-reader.js";
export { ResponseReader } from "./response-reader.js";
export {
  type Caller,
  GatewayRules,
  type KnownPolicy,
  type Match,
  type ProblemAnswer,
  type ProblemTrace,
  RouteError,
  type RouteInfo,
  type RouteTable,
  type SortedBatch,
} from "./rules.js";
export { readingOf, watch } from "./watch.js";
