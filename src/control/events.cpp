#include "control/events.h"

#include "base/limits.h"
#include "control/entitlements.h"
#include "control/list.h"
#include "control/meter_store.h"
#include "control/subscription_store.h"
#include "json/event.h"
#include "json/measurement.h"
#include "json/meter.h"

#include <map>
#include <vector>

namespace tollgate::control {
namespace {

/// Everything that a batch has for one ledger.
struct Share {
  std::vector<metering::Event> events;
  std::string path;  ///< of the first of them in the body
};

/// A batch, checked and sorted by ledger.
class Batch {
 public:
  explicit Batch(Context& context) : context_(context) {}

  void read(json::Value body);
  const std::map<std::string, Share>& shares() const { return shares_; }
  /// The request to one ledger: its events, and the meters that they concern.
  std::string request_body(const Share& share);

 private:
  void add(json::Value value, const std::string& path);
  const std::vector<catalog::Meter>& meters_of(const std::string& type);
  void check_subscription(const std::string& id, const std::string& path);

  Context& context_;
  std::map<std::string, Share> shares_;
  std::map<std::string, std::vector<catalog::Meter>> meters_;
  std::map<std::string, std::optional<Lifetime>> lifetimes_;
};

void Batch::read(json::Value body) {
  if (!body.is(json::Kind::array)) {
    add(body, "");
    return;
  }
  if (body.size() > limits::kMaxIngestEvents) {
    context_.violations.add("events", "length",
                            "must have at most " + std::to_string(limits::kMaxIngestEvents) + " events");
    return;
  }
  std::size_t index = 0;
  for (json::Value value : body) add(value, field_path("events", index++));
  if (shares_.size() > limits::kMaxLedgersPerRequest) {
    context_.violations.add("events", "length",
                            "must be of at most " + std::to_string(limits::kMaxLedgersPerRequest) + " subscriptions");
  }
}

void Batch::add(json::Value value, const std::string& path) {
  Violations& violations = context_.violations;
  metering::Event event = json::read_event(value, path, violations);
  metering::check_event(event, context_.now(), path, violations);
  if (!event.subscription.empty()) check_subscription(event.subscription, field_path(path, "subscription"));
  if (!event.type.empty() && meters_of(event.type).empty()) {
    violations.add(field_path(path, "type"), "exists", "is a type that no meter of this bucket counts");
  }
  for (const catalog::Meter& meter : meters_of(event.type)) json::check_measurable(value, meter, path, violations);
  Share& share = shares_[event.subscription];
  if (share.events.empty()) share.path = path;
  share.events.push_back(std::move(event));
}

const std::vector<catalog::Meter>& Batch::meters_of(const std::string& type) {
  const auto [entry, is_new] = meters_.try_emplace(type);
  if (is_new) entry->second = meters_of_type(context_.sql, type);
  return entry->second;
}

/// What no invoice would ever count is not taken into a ledger: it goes to whoever sent it, and so to the dead letters (M7).
void Batch::check_subscription(const std::string& id, const std::string& path) {
  const auto [entry, is_new] = lifetimes_.try_emplace(id);
  if (is_new) entry->second = lifetime_of(context_.sql, id);
  const std::optional<Lifetime>& lifetime = entry->second;
  Violations& violations = context_.violations;
  if (!lifetime.has_value()) return violations.add(path, "exists", "names no subscription of this bucket");
  const auto& [active_from, active_to] = *lifetime;
  if (active_to.has_value() && *active_to <= active_from) {
    return violations.add(path, "never_began", "names a subscription that ended before it began");
  }
  if (active_to.has_value() && context_.now().ms - active_to->ms >= limits::kMaxEventAgeMs) {
    violations.add(path, "closed", "names a subscription that ended 35 days ago or more");
  }
}

std::string Batch::request_body(const Share& share) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("events");
  to.begin_array();
  std::map<std::string_view, bool> types;
  for (const metering::Event& event : share.events) {
    json::write_event(to, event);
    types[event.type] = true;
  }
  to.end_array();
  to.key("meters");
  to.begin_array();
  for (const auto& [type, used] : types) {
    for (const catalog::Meter& meter : meters_of(std::string(type))) {
      to.begin_object();
      json::write_meter_members(to, meter);
      to.end_object();
    }
  }
  to.end_array();
  to.end_object();
  return text.take();
}

}  // namespace

Response ingest_events(Context& context) {
  Batch batch(context);
  batch.read(context.body);
  if (!context.violations.empty()) return context.invalid_input();
  bool answered = true;
  for (const auto& [subscription_id, share] : batch.shares()) {
    const Answer* answer =
        context.objects.ask_ledger(ledger_name(context, subscription_id), "/ledger/ingest", batch.request_body(share));
    // What was checked here already is refused by a ledger for one reason only, and would be for ever.
    const bool refused = answer != nullptr && answer->status == 400;
    if (refused) context.violations.add(field_path(share.path, "data"), "overflow", "brings a sum to 10^18 or more");
    answered = answered && answer != nullptr && (refused || answer->status == 200);
  }
  if (context.objects.waiting()) return context.objects.suspended();
  if (!answered) return ledger_unavailable(context);
  return context.violations.empty() ? no_content() : context.invalid_input();
}

}  // namespace tollgate::control
