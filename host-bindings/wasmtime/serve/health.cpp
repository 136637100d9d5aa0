#include "host-bindings/wasmtime/serve/health.h"

#include "base/sha256.h"
#include "base/text.h"
#include "json/text.h"
#include "json/writer.h"

#include <utility>

namespace tollgate::serve {
namespace {

using Json = json::Writer<json::Text>;

void count(Json& json, std::string_view name, std::uint64_t number) {
  json.member(name, static_cast<std::int64_t>(number));
}

void tell_gateway(Json& json, const gateway::GatewayCounters& counters) {
  json.key("gateway");
  json.begin_object();
  count(json, "requests", counters.requests);
  count(json, "unrouted", counters.unrouted);
  count(json, "preflights", counters.preflights);
  count(json, "tooLarge", counters.too_large);
  count(json, "refused", counters.refused);
  count(json, "upstreamFailures", counters.upstream_failures);
  count(json, "responseMetersMissing", counters.response_meters_missing);
  json.end_object();
}

void tell_gate(Json& json, host::Gate& gate) {
  const host::GateCounters counters = gate.counters();
  json.key("gate");
  json.begin_object();
  count(json, "traps", counters.traps);
  count(json, "undecided", counters.failed_open + counters.failed_closed);
  count(json, "requestsLost", counters.lost_requests);
  count(json, "eventsLost", counters.lost_events);
  count(json, "kvReads", counters.kv_reads);
  count(json, "kvReadsFailed", counters.kv_reads_failed);
  count(json, "kvWrites", counters.kv_writes);
  count(json, "lookups", counters.lookups);
  count(json, "lookupsFailed", counters.lookups_failed);
  count(json, "credentialRefused", counters.credential_refused);
  count(json, "turnedAway", counters.turned_away);
  count(json, "takeOvers", counters.take_overs);
  count(json, "batchesSent", counters.batches_sent);
  count(json, "batchesFailed", counters.batches_failed);
  count(json, "eventsSent", counters.events_sent);
  count(json, "staleHandles", counters.stale_handles);
  json.raw_member("module", gate.stats());
  json.end_object();
}

/// Where the events are that left the gate (M5), as the Worker tells of its queues. There are none here: what was not
/// taken is handed out again, so no event is given up.
void tell_queue(Json& json, const Serving& serving) {
  const std::uint64_t out = serving.gate.owed().out;
  const auto [accepted, rejected] = serving.delivery.counters();
  json.key("queue");
  json.begin_object();
  count(json, "sent", accepted + rejected + out);
  count(json, "accepted", accepted);
  count(json, "rejected", rejected);
  count(json, "deadLettered", 0);
  count(json, "keptMessages", 0);
  count(json, "inFlight", out);
  json.end_object();
}

void tell_details(Json& json, const Serving& serving) {
  const auto seeded_key = serving.local ? serving.control.take_seeded_key() : std::nullopt;
  if (seeded_key) json.member("seededKey", std::string_view(*seeded_key));
  tell_gateway(json, serving.gateway.counters());
  tell_gate(json, serving.gate);
  tell_queue(json, serving);
  json.key("control");
  json.begin_object();
  count(json, "traps", serving.control.traps());
  json.end_object();
}

/// Whether the request carries the admin key; compared in constant time, by digests of equal length.
bool is_admin(const http::RequestHead& request, const std::string& admin_key) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto given = request.fields.joined("authorization");
  if (!given || admin_key.empty()) return false;
  std::string_view key = *given;
  if (equal_ignoring_case(key.substr(0, kScheme.size()), kScheme)) key.remove_prefix(kScheme.size());
  return equal_in_constant_time(sha256(key), sha256(admin_key));
}

}  // namespace

void serve_health(http::Exchange& exchange, const Serving& serving) {
  const std::string& method = exchange.request().method;
  if (method != "GET" && method != "HEAD") {
    exchange.respond({405, {{"allow", "GET, HEAD"}}}, "");
    return;
  }
  json::Text details;
  Json told(details);
  told.begin_object();
  if (is_admin(exchange.request(), serving.admin_key)) tell_details(told, serving);
  told.end_object();

  const auto answer = serving.plane.ask({"GET", "/v3/metering/" + serving.bucket + "/meters?pageSize=1"});
  const bool is_ready = answer.ok() && answer->status == 200;
  json::Text text;
  Json json(text);
  json.begin_object();
  json.member("status", is_ready ? "ok" : "unavailable");
  json.member("bucket", std::string_view(serving.bucket));
  // The members of the other object, without its braces.
  const std::string_view more = details.view().substr(1, details.view().size() - 2);
  if (!more.empty()) text.append(',');
  text.append(more);
  json.end_object();
  exchange.respond({is_ready ? 200 : 503, {{"content-type", "application/json"}, {"cache-control", "no-store"}}},
                   text.view());
}

}  // namespace tollgate::serve
