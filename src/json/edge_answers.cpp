#include "json/edge_answers.h"

#include "base/text.h"
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

void write_detail(const Verdict& verdict, const NameTable& names, Writer<TextBuffer>& json) {
  const RefusalText& text = text_of(verdict.refusal);
  char detail[2 * limits::kMaxNameLength + 128];
  TextBuffer buffer(detail);
  buffer.append(text.before);
  if (!text.after.empty()) {
    buffer.append(names.view(verdict.name));
    buffer.append(text.after);
  }
  json.member("detail", buffer.view());
}

}  // namespace

void write_problem(const Verdict& verdict, const Policy& policy, const NameTable& names, const RequestTrace& trace,
                   TextBuffer& to) {
  const RefusalText& text = text_of(verdict.refusal);
  char type[48];
  TextBuffer type_text(type);
  type_text.append("https://httpproblems.com/http-status/");
  type_text.append_unsigned(text.status);
  char now[kInstantText];

  Writer json(to);
  json.begin_object();
  json.member("type", type_text.view());
  json.member("title", text.title);
  json.member("status", static_cast<std::int64_t>(text.status));
  write_detail(verdict, names, json);
  json.member("instance", trace.instance);
  json.key("trace");
  json.begin_object();
  json.member("timestamp", instant_text(trace.now, now));
  json.member("requestId", trace.request_id);
  json.member("buildId", trace.build_id);
  json.end_object();
  json.member("code", text.code);
  if (!policy.upgrade_url.empty()) json.member("upgradeUrl", policy.upgrade_url);
  json.end_object();
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
    if (!applies || !reached || skipped)
      json.null();
    else
      json.value(check != failed);
    if (check == failed) write_detail(explanation.verdict, engine.names(), json);
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
  json.member("quota", "cached");
  json.member("subject", policy.subject == Subject::consumer ? "consumer" : "subscription");
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

void write_quota_headers(const Verdict& verdict, const Policy& policy, const Engine& engine, RecordTag tag,
                         std::int64_t now, TextBuffer& to) {
  const KeyCache& cache = engine.cache();
  const Index record = cache.find(tag);
  if (record == kNone || !policy.quota_headers) return;
  const std::int64_t now_s = now / kMsPerSecond;
  const auto seconds_left = [&](const EntitlementSlot& slot) {
    return std::max<std::int64_t>(slot.period_to_s - now_s, 0);
  };

  if (verdict.refusal == Refusal::quota_exhausted) {
    const EntitlementSlot* const slot = cache.entitlement(record, verdict.name);
    if (slot == nullptr || slot->period_to_s == 0) return;
    to.append("Retry-After: ");
    to.append_unsigned(static_cast<std::uint64_t>(seconds_left(*slot)));
    to.append('\n');
    return;
  }
  if (!verdict.allowed()) return;

  // The tightest meter: the smallest share left. Compared crosswise in whole units, which 128 bits hold.
  const EntitlementSlot* tightest = nullptr;
  const auto left = [](const EntitlementSlot& slot) { return std::max<std::int64_t>(slot.balance().floor_units(), 0); };
  for (const PolicyMeter& meter : policy.meters()) {
    const EntitlementSlot* const slot = cache.entitlement(record, meter.name);
    if (slot == nullptr || slot->soft() || slot->limit_units <= 0 || slot->period_to_s == 0) continue;
    if (tightest == nullptr ||
        Int128(left(*slot)) * tightest->limit_units < Int128(left(*tightest)) * slot->limit_units) {
      tightest = slot;
    }
  }
  if (tightest == nullptr || tightest->limit_units > kMaxStructuredInteger) return;
  const auto item = [&](std::string_view header) {
    to.append(header);
    write_structured_string(engine.names().view(tightest->name), to);
  };
  item("RateLimit-Policy: ");
  to.append(";q=");
  to.append_unsigned(static_cast<std::uint64_t>(tightest->limit_units));
  to.append(";w=");
  to.append_unsigned(tightest->period_to_s - tightest->period_from_s);
  item("\nRateLimit: ");
  to.append(";r=");
  to.append_unsigned(static_cast<std::uint64_t>(std::min(left(*tightest), kMaxStructuredInteger)));
  to.append(";t=");
  to.append_unsigned(static_cast<std::uint64_t>(seconds_left(*tightest)));
  to.append('\n');
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
      {"reclaimed", counters.reclaimed},
      {"lookups", counters.lookups},
      {"sharedLookups", counters.shared_lookups},
      {"outages", counters.outages},
      {"staleUses", counters.stale_uses},
      {"evictions", engine.cache().evictions()},
      {"eventsRecorded", outbox.appended()},
      {"eventsMerged", outbox.merged()},
      {"eventsLost", outbox.lost()},
      {"cachedKeys", engine.cache().size()},
      {"inFlight", engine.in_flight()},
      {"outbox", outbox.size()},
      {"outboxWaiting", outbox.waiting()},
  };
  Writer json(to);
  json.begin_object();
  for (const auto& row : rows) json.member(row.name, static_cast<std::int64_t>(row.value));
  json.end_object();
}

}  // namespace tollgate::json
