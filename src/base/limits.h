#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of the core in one place, each with its reason. What lies beyond one is refused by name, never cut off.
namespace tollgate::limits {

// --- what a request may carry -------------------------------------------------------------------------------------
/// A credential header longer than this is refused unread; RFC 6750 tokens in the field stay below 4 KiB, API keys
/// below 256 bytes.
inline constexpr std::size_t kMaxCredential = 1024;
/// An API key. Long enough for keys imported from any gateway known to us.
inline constexpr std::size_t kMaxKeyLength = 512;

// --- what a configuration may hold --------------------------------------------------------------------------------
/// A `policies.json`; one entry takes about 300 bytes.
inline constexpr std::size_t kMaxConfigurationBytes = 32 * 1024;
inline constexpr std::size_t kMaxPolicies = 64;
/// Meters plus required entitlements of one policy.
inline constexpr std::size_t kMaxPolicyMeters = 16;
inline constexpr std::size_t kMaxPolicyEntitlements = 16;
inline constexpr std::size_t kMaxPolicyName = 128;
inline constexpr std::size_t kMaxHeaderName = 64;
inline constexpr std::size_t kMaxScheme = 32;
inline constexpr std::size_t kMaxUrl = 512;
/// Keys of meters and entitlements known to one instance: those of the configuration plus those that code sets at run
/// time. A key beyond it is an error to the caller.
inline constexpr std::size_t kMaxNames = 256;
inline constexpr std::size_t kMaxNameLength = 64;

// --- what a snapshot may hold -------------------------------------------------------------------------------------
/// 6 KB is large in practice; 32 KiB has room for about 150 entitlements.
inline constexpr std::size_t kMaxSnapshotBytes = 32 * 1024;
/// Subscription ids are ULIDs (26); other control planes use up to UUIDs (36).
inline constexpr std::size_t kMaxSubscriptionId = 36;
inline constexpr std::size_t kMaxConsumer = 64;
/// `maxPaymentOverdueDays`: a century, so that no sum of instants leaves the calendar.
inline constexpr std::int64_t kMaxGraceDays = 36'500;
/// Entitlements of one snapshot that a configuration names; others are skipped.
inline constexpr std::size_t kMaxSnapshotEntitlements = 64;

// --- what an instance remembers (fixed memory of 4 MiB, S10) ------------------------------------------------------
inline constexpr std::size_t kCachedKeys = 4096;
/// One for each cached key, and those whose keys were evicted while events of theirs are on the way out.
inline constexpr std::size_t kCachedSubscriptions = kCachedKeys + 256;
/// Two and a half configured entitlements for each cached key on average, if no two share a subscription; when they run
/// out, the cache evicts.
inline constexpr std::size_t kCachedEntitlements = 5 * kCachedKeys / 2;
/// Unknown keys, in sets of four (S4.3). A separate table, so that a flood of them evicts no known key.
inline constexpr std::size_t kNegativeKeys = 4096;
/// Keys that were known here and are no more. Apart from the others, so that no flood makes an instance forget what was
/// revoked while an old snapshot of it may still be about (S7).
inline constexpr std::size_t kRevokedKeys = 1024;
/// Requests between `check` and `finish`. With the unused position 0, a power of two.
inline constexpr std::size_t kInFlight = 2047;
/// An allowed request that was not ended by then gets its reservation back; it may still be finished.
inline constexpr std::int64_t kMaxRequestMs = 15 * 60'000;
/// A request that waits for longer was lost by its host.
inline constexpr std::int64_t kMaxWaitMs = 60'000;
/// Keys being looked up at one moment, and how many of them may be unknown here, so that a flood of bad keys leaves
/// room for known ones (S4.3).
inline constexpr std::size_t kLookups = 256;
inline constexpr std::size_t kUnknownLookups = 192;
/// Requests that may wait for look-ups, and for those of unknown keys: what is left decides warm keys.
inline constexpr std::size_t kWaiting = 1536;
inline constexpr std::size_t kWaitingUnknown = 1024;
/// Events not yet delivered. Equal ones share a place, so that this is one for each cached entitlement, the batches
/// that are out, and what the requests under way will add: keys that the cache holds cannot overflow it.
inline constexpr std::size_t kOutboxEvents = 13'056;
/// Below so many free places, events of one hour share one too.
inline constexpr std::size_t kOutboxPressure = kOutboxEvents / 2;
/// Events of one `drain`: what a queue message of 128 KB holds with room to spare.
inline constexpr std::size_t kBatchEvents = 100;
/// Batches handed out and not yet confirmed.
inline constexpr std::size_t kBatchesInFlight = 16;
/// After a failed look-up a known key lives on its last snapshot; the control plane is asked again after this.
inline constexpr std::int64_t kRetryLookupMs = 5'000;

// --- what a gateway may hold ---------------------------------------------------------------------------------------
/// A `routes.json`; a route takes about 200 bytes.
inline constexpr std::size_t kMaxRoutesBytes = 64 * 1024;
inline constexpr std::size_t kMaxRoutes = 256;
/// Of one route: as many as code may set on one request.
inline constexpr std::size_t kMaxResponseMeters = 16;
/// Steps of a path into a response; none known to us needs more than six.
inline constexpr std::size_t kMaxMeterPathSteps = 16;
/// Characters of a number in a response: doubles take 25, and nobody meters with a hundred digits.
inline constexpr std::size_t kMaxAmountText = 128;
/// Arrays and objects inside each other in a body that is only passed on.
inline constexpr std::size_t kMaxScanDepth = 256;
/// Responses that are read for meters at one moment: one for each request that an edge instance has under way.
inline constexpr std::size_t kMaxReadings = 2047;
inline constexpr std::size_t kMaxCorsOrigins = 64;
inline constexpr std::int64_t kMaxCorsAge = 86'400;
/// How long the body of a metered response may be read on after its client has gone.
inline constexpr std::int64_t kDefaultDrainSeconds = 30;
inline constexpr std::int64_t kMaxDrainSeconds = 300;
/// Bodies of requests, and how much of a response is read after its client has gone.
inline constexpr std::int64_t kDefaultRequestBytes = 10 * 1024 * 1024;
inline constexpr std::int64_t kMaxRequestBytes = 100 * 1024 * 1024;
inline constexpr std::int64_t kDefaultMeteredBytes = 1024 * 1024;
inline constexpr std::int64_t kMaxMeteredBytes = 16 * 1024 * 1024;
/// One question to the gateway module: the names of all fields of a request, a piece of a body, a `routes.json`.
inline constexpr std::size_t kMaxGatewayText = 128 * 1024;

// --- what crosses the boundary ------------------------------------------------------------------------------------
inline constexpr std::size_t kMaxPath = 2048;
inline constexpr std::size_t kMaxRequestId = 128;
inline constexpr std::size_t kMaxBuildId = 64;
inline constexpr std::size_t kMaxBucketName = 64;
/// Meters that code sets on one request.
inline constexpr std::size_t kMaxRuntimeMeters = 16;
/// Of these, those that a request has places in the outbox reserved for: few set more, and requests of six places each
/// never fill it by being under way.
inline constexpr std::size_t kReservedRuntimeMeters = 4;
inline constexpr std::size_t kMaxRuntimeText = 8 * 1024;

// --- what the control plane takes ---------------------------------------------------------------------------------
/// A request body; a batch of 100 events takes about 40 KB, a plan of ten phases about 30 KB.
inline constexpr std::size_t kMaxBodyBytes = 1024 * 1024;
/// A JSON document of any origin: what objects of ours send each other is a body with definitions added.
inline constexpr std::size_t kMaxDocumentBytes = 4 * kMaxBodyBytes;
/// Arrays and objects inside each other. A plan needs eight.
inline constexpr std::size_t kMaxJsonDepth = 32;
/// Events of one ingesting request: ten batches of the edge.
inline constexpr std::size_t kMaxIngestEvents = 1000;
/// Ledgers that one request may ask: a Worker may make 1 000 subrequests, and a batch is rarely of more than a few.
inline constexpr std::size_t kMaxLedgersPerRequest = 200;
/// Names, descriptions and keys of catalog and customers; SQLite would take more, a pricing page would not.
inline constexpr std::size_t kMaxLabel = 256;
inline constexpr std::size_t kMaxDescription = 2048;
inline constexpr std::size_t kMaxCustomerKey = 256;
/// CloudEvents types and ids; the specification asks consumers to take at least 64 KiB for a whole event.
inline constexpr std::size_t kMaxEventType = 256;
inline constexpr std::size_t kMaxJsonPath = 256;
inline constexpr std::size_t kMaxDimensions = 16;
inline constexpr std::size_t kMaxMetadataEntries = 50;
inline constexpr std::size_t kMaxMetadataValue = 1024;
inline constexpr std::size_t kMaxPhases = 10;
inline constexpr std::size_t kMaxRateCards = 100;
inline constexpr std::size_t kMaxTiers = 100;
/// Prices that a calculator holds at once: those of a large pricing page.
inline constexpr std::size_t kMaxCalculatedPrices = 1024;
/// JSON of one static entitlement.
inline constexpr std::size_t kMaxStaticConfig = 4096;
inline constexpr std::int64_t kMaxOverdueDays = 3650;
inline constexpr std::int64_t kMaxPageSize = 100;
inline constexpr std::int64_t kDefaultPageSize = 20;
inline constexpr std::size_t kMaxIdempotencyKey = 255;
/// How long the answer to a creating request is kept for a repetition of it.
inline constexpr std::int64_t kIdempotencyMs = 24 * 60 * 60 * 1000;
/// What a queue consumer could not deliver, as it came; a queue message has at most 128 KB.
inline constexpr std::size_t kMaxDeadLetter = 128 * 1024;
inline constexpr std::size_t kMaxDeadLetterReason = 1000;
/// Periods over which an overage is carried on where an entitlement preserves it (S7.5).
inline constexpr std::size_t kMaxCarriedPeriods = 60;
/// Grants of one subscription that something can still be used of (S7.10): all of them take part in every balance. One
/// is known to be used up when that is final, after 36 to 43 days; until then five a day are bought and spent.
inline constexpr std::int64_t kMaxGrants = 200;
/// `priority` of a grant.
inline constexpr std::int64_t kMaxGrantPriority = 255;
/// Usage periods that grants are burned down over for one balance. Six weeks of hours, which are 1 032, are what
/// settling leaves; the rest is for timers that are late and for balances of months ahead.
inline constexpr std::size_t kMaxBurnPeriods = 3000;
/// Spans of usage that are settled at once: five questions to the ledger.
inline constexpr std::size_t kMaxSettledSpans = 1000;
/// What was used up by an instant is settled a week at a time.
inline constexpr std::int64_t kSettlementMs = std::int64_t{7} * 24 * 60 * 60 * 1000;
/// Keys of one subscription that are in force: each change of it writes the snapshots of all of them.
inline constexpr std::int64_t kMaxKeysInForce = 100;
/// Keys made elsewhere: shorter ones can be guessed, and none known to us is longer.
inline constexpr std::size_t kMinImportedKey = 16;
inline constexpr std::size_t kMaxImportedKey = 256;
/// How long it is remembered up to which revision there were snapshots of a key that was deleted: longer than any copy
/// of one lives, in KV or on the way.
inline constexpr std::int64_t kDeletedKeyMs = 35LL * 86'400'000;
/// The operator's key outside of a developer's machine: as many characters as 128 random bits take in hexadecimal.
inline constexpr std::size_t kMinOperatorKey = 32;
/// How long the old keys of a consumer may live on when they are rolled.
inline constexpr std::int64_t kMaxKeyTransitionSeconds = std::int64_t{30} * 24 * 60 * 60;
/// Timers of one transaction: a bucket whose subscriptions all turn at midnight stays responsive in between.
inline constexpr std::int64_t kTimersPerRun = 100;
/// A timer that cannot be run is tried again after this, twice as long with each failure, at most after a day.
inline constexpr std::int64_t kTimerRetryMs = 60'000;
inline constexpr std::int64_t kMaxTimerRetryMs = std::int64_t{24} * 60 * 60 * 1000;
/// How far a test clock is moved at once: ten years, so that a slip of a digit does not bill for a millennium.
inline constexpr std::int64_t kMaxAdvanceMs = std::int64_t{3660} * 24 * 60 * 60 * 1000;
/// How long an invoice may wait for late events before it becomes final (S8).
inline constexpr std::int64_t kMaxDraftPeriodMs = std::int64_t{7} * 24 * 60 * 60 * 1000;
/// Lines that one span of a subscription's time can ask for: an hourly fee makes 8 784 a year.
inline constexpr std::size_t kMaxDueLines = 10'000;
/// An invoice whose ledger did not answer is tried again after a minute.
inline constexpr std::int64_t kBillingRetryMs = 60'000;
/// Why an invoice is void, for people.
inline constexpr std::size_t kMaxVoidReason = 500;
/// The span over which a plan can be simulated: two years of months, or of whatever a year is compared with.
inline constexpr std::int64_t kMaxSimulatedMs = std::int64_t{732} * 24 * 60 * 60 * 1000;
/// Usage periods of one simulation, asked of the ledger in one pass.
inline constexpr std::size_t kMaxSimulatedPeriods = 1'000;
/// Rows of the outbox that one pass of the pump takes.
inline constexpr std::int64_t kOutboxPass = 20;
/// A row of the outbox is tried again after 1 s, 2 s, 4 s … up to this.
inline constexpr std::int64_t kMaxOutboxDelayMs = 15 * 60 * 1000;

// --- what an event may hold, and a ledger remember ----------------------------------------------------------------
inline constexpr std::size_t kMaxEventId = 128;
inline constexpr std::size_t kMaxEventSource = 256;
inline constexpr std::size_t kMaxEventSubject = 128;
/// CloudEvents asks for names of at most 20 characters without forbidding longer ones.
inline constexpr std::size_t kMaxEventAttributes = 32;
/// Payload of one event. Ours take 12 bytes; 8 KiB holds what a model's usage report has.
inline constexpr std::size_t kMaxEventData = 8 * 1024;
/// Requests of one merged event (S3.1): more than a busy isolate serves in a minute, and few enough that 10^18 of each
/// of them is far from the end of 128 bits.
inline constexpr std::int64_t kMaxMergedRequests = 1'000'000'000;
/// A value that usage is broken down by; it is part of the key of every rollup row.
inline constexpr std::size_t kMaxDimensionValue = 128;
/// Retries, queues and dead-letter replays end within 35 days (M6). Older events are refused by name, so that a dedupe
/// mark of that age can never be asked for again.
inline constexpr std::int64_t kMaxEventAgeMs = 35LL * 86'400'000;
/// Usage of this age is final: no event can be on its way to it any more, taken while it was just young enough.
inline constexpr std::int64_t kFinalUsageMs = kMaxEventAgeMs + 86'400'000;
/// Clocks of clients run ahead by time zones, not by more.
inline constexpr std::int64_t kMaxEventAheadMs = 86'400'000;
/// How far behind the end of a subscription its events can lie: they are taken for 35 days after it, and may be ahead
/// of the clock.
inline constexpr std::int64_t kMaxUsageAfterEndMs = kMaxEventAgeMs + kMaxEventAheadMs;
/// How far before the beginning of a subscription its events are billed. Whoever admits a request by it has heard that
/// it began: only his clock may be behind, by five minutes and some drift.
inline constexpr std::int64_t kMaxUsageBeforeBeginMs = 10LL * 60'000;
/// Meters of one ingesting request: those of the bucket that count its events.
inline constexpr std::size_t kMaxIngestMeters = 200;
/// Entitlements and prices of one subscription whose usage is asked for at once.
inline constexpr std::size_t kMaxUsagePeriods = 200;
/// Windows of one query: a month of minutes.
inline constexpr std::int64_t kMaxQueryWindows = 31 * 24 * 60;
/// The longest name of the IANA database has 32 characters.
inline constexpr std::size_t kMaxTimeZoneName = 64;
inline constexpr std::size_t kMaxQuerySubjects = 1000;
/// A static configuration or a plan's description on a snapshot (S4.1), where they travel with every look-up; longer
/// ones are left out. No policy decides by them.
inline constexpr std::size_t kMaxSnapshotMember = 1024;
/// Edge instances whose high-water marks stand on a snapshot (S5), those who sent last, and the text of all of them: an
/// isolate meters a few event types, at some 40 bytes each.
inline constexpr std::size_t kMaxHighWaterSenders = 64;
inline constexpr std::size_t kMaxHighWaterBytes = 8 * 1024;
/// An edge instance that has sent nothing for two days has most likely ended: none of its events is on its way.
inline constexpr std::int64_t kSenderForgottenMs = 2LL * 86'400'000;
/// Instances that are forgotten at once, beside one for each that comes up.
inline constexpr std::int64_t kForgottenSenders = 100;
/// What one ledger answers to one query.
inline constexpr std::size_t kMaxLedgerAnswerBytes = 4 * 1024 * 1024;
/// JSON bound to one statement. Durable Objects take values up to 2 MB.
inline constexpr std::size_t kMaxStatementJson = 512 * 1024;

static_assert(kInFlight < kCachedKeys, "records of requests under way must leave a victim to evict");
static_assert(kCachedEntitlements + kBatchesInFlight * kBatchEvents + 1024 < kOutboxEvents);
static_assert(6 * kInFlight < kOutboxEvents);
static_assert(kUnknownLookups < kLookups && kWaitingUnknown < kWaiting && kWaiting < kInFlight);
static_assert(kMaxResponseMeters <= kMaxRuntimeMeters && kMaxReadings <= kInFlight);
static_assert(2 * kMaxRoutesBytes <= kMaxGatewayText);
static_assert(kMaxKeyLength < kMaxCredential);
static_assert(kMaxImportedKey <= kMaxKeyLength);

}  // namespace tollgate::limits
