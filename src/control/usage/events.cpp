#include "control/usage/events.h"

#include "base/limits.h"
#include "control/catalog/meter_store.h"
#include "control/http/list.h"
#include "control/subscription/store.h"
#include "control/usage/entitlements.h"
#include "json/event.h"
#include "json/measurement.h"
#include "json/meter.h"

#include <charconv>
#include <map>
#include <vector>

namespace tollgate::control {
namespace {

/// Everything that a batch has for one ledger.
struct Share {
  std::vector<metering::Event> events;
  std::vector<std::string> paths;  ///< of each of them in the body
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
  void check_subscription(const std::string& id, const std::string& path, Violations& violations);

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

// Every event that is refused is named, however many they are: whoever sent the batch sends the others again.
void Batch::add(json::Value value, const std::string& path) {
  Violations violations;
  metering::Event event = json::read_event(value, path, violations);
  metering::check_event(event, context_.now(), path, violations);
  if (!event.subscription.empty()) check_subscription(event.subscription, field_path(path, "subscription"), violations);
  if (!event.type.empty() && meters_of(event.type).empty()) {
    violations.add(field_path(path, "type"), "exists", "is a type that no meter of this bucket counts");
  }
  for (const catalog::Meter& meter : meters_of(event.type)) json::check_measurable(value, meter, path, violations);
  context_.violations.add_part(violations);
  Share& share = shares_[event.subscription];
  share.events.push_back(std::move(event));
  share.paths.push_back(path);
}

const std::vector<catalog::Meter>& Batch::meters_of(const std::string& type) {
  const auto [entry, is_new] = meters_.try_emplace(type);
  if (is_new) entry->second = meters_of_type(context_.sql, type);
  return entry->second;
}

/// What no invoice would ever count is not taken into a ledger: it goes to whoever sent it, and so to the dead letters
/// (M7).
void Batch::check_subscription(const std::string& id, const std::string& path, Violations& violations) {
  const auto [entry, is_new] = lifetimes_.try_emplace(id);
  if (is_new) entry->second = lifetime_of(context_.sql, id);
  const std::optional<Lifetime>& lifetime = entry->second;
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
  write_instant_member(to, "receivedAt", context_.real_now());
  to.end_object();
  return text.take();
}

/// The index in `events[3].data`, as a ledger names its events; nothing for any other field.
std::optional<std::size_t> index_in(std::string_view field) {
  constexpr std::string_view kHead = "events[";
  if (!field.starts_with(kHead)) return std::nullopt;
  std::size_t index = 0;
  const char* const end = field.data() + field.size();
  const auto [rest, error] = std::from_chars(field.data() + kHead.size(), end, index);
  return error == std::errc() && rest != end && *rest == ']' ? std::optional(index) : std::nullopt;
}

/// Names the events that a ledger has refused by their places in the batch. What was checked here already it refuses
/// for one reason only, overflow, and would for ever. Where it refuses the request as a whole, every event of it is
/// named.
void note_refusal(const Share& share, std::string_view answer, Violations& violations) {
  json::Document document;
  static_cast<void>(document.parse(answer));
  bool named = false;
  for (const json::Value reason : document.root().member("invalidParameters")) {
    const std::string_view field = reason.member("field").text();
    const auto index = index_in(field);
    if (!index.has_value() || *index >= share.paths.size()) continue;
    named = true;
    Violations one;
    one.add(field_path(share.paths[*index], "data"), reason.member("rule").text(), reason.member("message").text());
    violations.add_part(one);
  }
  if (named) return;
  for (const std::string& path : share.paths) {
    Violations one;
    one.add(field_path(path, "data"), "refused", "was refused by the subscription's ledger");
    violations.add_part(one);
  }
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
    const bool refused = answer != nullptr && answer->status == 400;
    if (refused) note_refusal(share, answer->body, context.violations);
    answered = answered && answer != nullptr && (refused || answer->status == 200);
  }
  if (context.objects.waiting()) return context.objects.suspended();
  if (!answered) return ledger_unavailable(context);
  return context.violations.empty() ? no_content() : context.invalid_input();
}

}  // namespace tollgate::control
