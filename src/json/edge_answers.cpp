#include "json/edge_answers.h"

#include "base/text.h"
#include "json/problem_body.h"
#include "json/writer.h"

#include <algorithm>

namespace tollgate::json {
namespace {

/// RFC 9651 bounds its integers to 15 digits.
constexpr std::int64_t kMaxStructuredInteger = 999'999'999'999'999;

/// A string of RFC 9651: printable ASCII, quote and backslash escaped. Other bytes, which it cannot hold, become `?`.
void write_structured_string(std::string_view text, TextBuffer& to) {
  to.append('"');
  for (char c : text) {
    if (c == '"' || c == '\\') to.append('\\');
    to.append(is_visible(c) || c == ' ' ? c : '?');
  }
  to.append('"');
}

std::string_view instant_text(std::int64_t ms, char (&text)[kInstantText]) { return {text, write_instant({ms}, text)}; }

/// The detail of a refusal, in memory of its own.
class Detail {
 public:
  Detail(const Verdict& verdict, const NameTable& names) {
    const RefusalText& text = text_of(verdict.refusal);
    buffer_.append(text.before);
    if (text.after.empty()) return;
    buffer_.append(names.view(verdict.name));
    buffer_.append(text.after);
  }
  std::string_view view() const { return buffer_.view(); }

 private:
  char memory_[2 * limits::kMaxNameLength + 128];
  TextBuffer buffer_{memory_};
};

}  // namespace

void write_problem(const Verdict& verdict, const Policy& policy, const NameTable& names, const RequestTrace& trace,
                   TextBuffer& to) {
  const RefusalText& text = text_of(verdict.refusal);
  const Detail detail(verdict, names);
  char now[kInstantText];
  write_problem_body({.status = text.status,
                      .title = text.title,
                      .code = text.code,
                      .detail = detail.view(),
                      .instance = trace.instance,
                      .timestamp = instant_text(trace.now, now),
                      .request_id = trace.request_id,
                      .build_id = trace.build_id,
                      .upgrade_url = policy.upgrade_url,
                      .members = {}},
                     to);
}

void write_explanation(const Engine::Explanation& explanation, const Policy& policy, const Engine& engine,
                       TextBuffer& to) {
  constexpr std::string_view kNames[kRefusals] = {
      "",
      "credential header present",
      "scheme as configured",
      "key present",
      "key not known as bad, control plane consulted",
      "key well-formed and known",
      "key not expired",
      "subscription in effect",
      "payment status known",
      "first payment made or in grace",
      "later payments made or in grace",
      "entitlements present",
      "required entitlements accessible",
      "meters on the subscription",
      "meters accessible",
      "quota left",
  };
  const auto failed = static_cast<int>(explanation.verdict.refusal);
  Writer json(to);
  json.begin_array();
  for (int check = 1; check <= static_cast<int>(Refusal::quota_exhausted); ++check) {
    const auto refusal = static_cast<Refusal>(check);
    const bool needs_meters = refusal >= Refusal::meter_unknown;
    const bool applies = (refusal != Refusal::entitlements_missing || policy.needs_entitlements()) &&
                         (refusal != Refusal::entitlement_denied || policy.required_count > 0) &&
                         (!needs_meters || policy.meter_count > 0);
    // A malformed key fails check 5 although check 4 was never made; a look-up that is needed leaves 4 and later open.
    const bool reached =
        failed == 0 ? !explanation.lookup_needed || refusal < Refusal::authorization_failed : check <= failed;
    const bool skipped = refusal == Refusal::authorization_failed && explanation.record == kNone && failed != check;
    json.begin_object();
    json.member("check", check);
    json.member("name", kNames[check]);
    json.key("passed");
    if (!applies || !reached || skipped) {
      json.null();
    } else {
      json.value(check != failed);
    }
    if (check == failed) json.member("detail", Detail(explanation.verdict, engine.names()).view());
    json.end_object();
  }
  json.end_array();
}

void write_policy(const Policy& policy, const NameTable& names, TextBuffer& to) {
  Writer json(to);
  json.begin_object();
  json.member("name", policy.name);
  json.member("authHeader", policy.auth_header);
  json.member("authScheme", policy.auth_scheme);
  json.member("cacheTtlSeconds", Quantity::nanos(Int128(policy.ttl_ms) * (Quantity::kNanosPerUnit / kMsPerSecond)));
  json.member("staleIfErrorSeconds",
              Quantity::nanos(Int128(policy.stale_ms) * (Quantity::kNanosPerUnit / kMsPerSecond)));
  json.member("recheckDeniedSeconds",
              Quantity::nanos(Int128(policy.recheck_ms) * (Quantity::kNanosPerUnit / kMsPerSecond)));
  json.member("quota", "cached");
  json.member("subject", policy.subject == Subject::consumer ? "consumer" : "subscription");
  json.member("whenUndeliverable", policy.serves_uncounted ? "allow" : "refuse");
  json.member("merge", !policy.keeps_apart);
  json.member("quotaHeaders", policy.quota_headers);
  if (policy.has_meters) {
    json.key("meters");
    json.begin_object();
    for (const PolicyMeter& meter : policy.meters()) json.member(names.view(meter.name), meter.cost);
    json.end_object();
  }
  json.key("requiredEntitlements");
  json.begin_array();
  for (NameId name : policy.required_entitlements()) json.value(names.view(name));
  json.end_array();
  json.end_object();
}

namespace {

void write_retry_after(std::int64_t seconds, TextBuffer& to) {
  to.append("Retry-After: ");
  to.append_unsigned(static_cast<std::uint64_t>(seconds));
  to.append('\n');
}

/// One meter's quota, as the fields tell it.
struct QuotaState {
  NameId name = 0;
  std::int64_t left = 0;   ///< whole units
  std::int64_t limit = 0;  ///< likewise; 0: there is none to tell of
  const EntitlementAccount* account = nullptr;
};

/// The meter with the smallest share left. Shares are compared crosswise in whole units, which 128 bits hold.
QuotaState tightest_quota(const Policy& policy, const SubscriptionTable& subscriptions, Index subscription) {
  QuotaState tightest;
  for (const PolicyMeter& meter : policy.meters()) {
    const EntitlementSlot* const slot = subscriptions.entitlement(subscription, meter.name);
    const EntitlementAccount* const account = subscriptions.account(subscription, meter.name);
    if (slot == nullptr || slot->soft() || account->limit_units <= 0 || !account->ends()) continue;
    const std::int64_t left = std::max<std::int64_t>(slot->balance().floor_units(), 0);
    if (tightest.limit == 0 || Int128(left) * tightest.limit < Int128(tightest.left) * account->limit_units) {
      tightest = {meter.name, left, account->limit_units, account};
    }
  }
  return tightest;
}

void write_rate_limit(const QuotaState& quota, const NameTable& names, std::int64_t now, TextBuffer& to) {
  if (quota.limit == 0 || quota.limit > kMaxStructuredInteger) return;
  const auto item = [&](std::string_view header) {
    to.append(header);
    write_structured_string(names.view(quota.name), to);
  };
  const std::int64_t seconds_left = std::max<std::int64_t>(quota.account->period_to - now, 0) / kMsPerSecond;
  item("RateLimit-Policy: ");
  to.append(";q=");
  to.append_unsigned(static_cast<std::uint64_t>(quota.limit));
  to.append(";w=");
  to.append_unsigned(quota.account->period_seconds);
  item("\nRateLimit: ");
  to.append(";r=");
  to.append_unsigned(static_cast<std::uint64_t>(std::min(quota.left, kMaxStructuredInteger)));
  to.append(";t=");
  to.append_unsigned(static_cast<std::uint64_t>(seconds_left));
  to.append('\n');
}

}  // namespace

void write_quota_headers(const Verdict& verdict, std::size_t policy_index, const Engine& engine, RecordTag tag,
                         std::int64_t now, TextBuffer& to) {
  const Policy& policy = engine.configuration().policies[policy_index];
  const KeyCache& cache = engine.cache();
  const Index record = cache.find(tag);
  const bool is_unavailable = !verdict.allowed() && text_of(verdict.refusal).status == kUnavailable;
  const bool is_spent = verdict.refusal == Refusal::quota_exhausted && policy.quota_headers && record != kNone;
  if (is_unavailable) {
    write_retry_after(engine.retry_after_seconds(policy_index, verdict, kNone, now), to);
  } else if (is_spent) {
    write_retry_after(engine.retry_after_seconds(policy_index, verdict, record, now), to);
  } else if (verdict.allowed() && policy.quota_headers && record != kNone) {
    const Index subscription = cache.record(record).subscription;
    write_rate_limit(tightest_quota(policy, cache.subscriptions(), subscription), engine.names(), now, to);
  }
}

void write_stats(const Engine& engine, TextBuffer& to) {
  const EngineCounters& counters = engine.counters();
  const Outbox& outbox = engine.outbox();
  const struct {
    std::string_view name;
    std::uint64_t value;
  } rows[] = {
      {"checks", counters.checks},
      {"denied", counters.denied},
      {"overloaded", counters.overloaded},
      {"undeliverable", counters.undeliverable},
      {"overdue", counters.overdue},
      {"reclaimed", counters.reclaimed},
      {"lookups", counters.lookups},
      {"sharedLookups", counters.shared_lookups},
      {"rechecks", counters.rechecks},
      {"outages", counters.outages},
      {"snapshotsOutdated", counters.outdated},
      {"entitlementsSkipped", counters.skipped},
      {"staleUses", counters.stale_uses},
      {"rollovers", engine.cache().subscriptions().rollovers()},
      {"evictions", engine.cache().evictions()},
      {"eventsRecorded", outbox.appended()},
      {"eventsMerged", outbox.merged()},
      {"eventsLost", outbox.lost()},
      {"cachedKeys", engine.cache().size()},
      {"cachedSubscriptions", engine.cache().subscriptions().size()},
      {"inFlight", engine.in_flight()},
      {"lookupsUnderWay", engine.lookups()},
      {"outbox", outbox.size()},
      {"outboxWaiting", outbox.waiting()},
      {"outboxReserved", outbox.reserved()},
  };
  Writer json(to);
  json.begin_object();
  for (const auto& row : rows) json.member(row.name, static_cast<std::int64_t>(row.value));
  json.end_object();
}

}  // namespace tollgate::json
