/** What a gate counts, beside the counters of its module. They only grow. */
export class Counters {
  /** Instances that ended in a trap: each is a bug. */
  traps = 0;
  /** Requests answered by the failure mode, since no decision was to be had. */
  undecided = 0;
  /** Requests whose use was lost with a trapped instance. */
  requestsLost = 0;
  /** Events that are lost: with an instance that trapped, or admitted by one that had no room for them (S3.1). */
  eventsLost = 0;
  kvReads = 0;
  kvReadsFailed = 0;
  kvWrites = 0;
  kvWritesFailed = 0;
  lookups = 0;
  /** Of these, those that came to nothing: no answer in time, an outage, or a body that the module did not take. */
  lookupsFailed = 0;
  /** Of these, those in which the control plane refused the credential of this gateway: somebody has to renew it. */
  credentialRefused = 0;
  /** Waiting requests that stopped waiting and fetched. */
  takeOvers = 0;
  batchesSent = 0;
  batchesFailed = 0;
  eventsSent = 0;
  /** Runtime meters that could not be recorded. */
  metersRejected = 0;
  /** Calls on requests that had ended. */
  staleHandles = 0;
}
