#include "json/snapshot.h"

#include <algorithm>
#include <bitset>

namespace tollgate::json {
namespace {

using simdjson::SUCCESS;

/// Calls `visit(key, value)` for each member that is not null, until it returns false. False then, and where it breaks
/// off.
template <class Visit>
bool each_member_of(ondemand::object& object, Visit visit) {
  for (auto entry : object) {
    ondemand::field field;
    std::string_view key;
    if (!take_member(std::move(entry), field, key)) return false;
    ondemand::value& member = field.value();
    bool null = false;
    if (member.is_null().get(null) != SUCCESS) return false;
    if (!null && !visit(key, member)) return false;
  }
  return true;
}

/// The same for a value that should be an object. False for what is none.
template <class Object, class Visit>
bool each_member(Object&& value, Visit visit) {
  ondemand::object object;
  return value.get_object().get(object) == SUCCESS && each_member_of(object, visit);
}

bool read_balance(ondemand::value& value, Quantity& balance) {
  std::string_view text;
  if (!read_number_text(value, text)) return false;
  const auto parsed = Quantity::parse_rounding_down(text);
  if (parsed.ok()) balance = *parsed;
  return parsed.ok();
}

bool read_period(ondemand::value& value, Period& period) {
  return each_member(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "from") return read(member, period.from);
    if (key == "to") return read(member, period.to);
    return true;
  });
}

bool read_next_period(ondemand::value& value, SnapshotEntitlement& entitlement) {
  return each_member(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "to") return read(member, entitlement.next_to);
    if (key == "balance") return read_balance(member, entitlement.next_balance);
    return true;
  });
}

bool read_limit(ondemand::value& value, SnapshotEntitlement& entitlement) {
  Quantity limit;
  if (!read_balance(value, limit)) return false;
  entitlement.limit_units = limit.floor_units();
  return true;
}

/// What became of one entitlement: read, of a type that the edge does not know, or garbage.
enum class EntitlementEnd : std::uint8_t { read, unknown, garbage };

/// The type comes first, wherever it stands: what one that nobody knows has in its members is its own matter.
EntitlementEnd read_type(ondemand::object& object, SnapshotEntitlement& entitlement) {
  ondemand::value member;
  const simdjson::error_code found = object.find_field_unordered("type").get(member);
  if (found == simdjson::NO_SUCH_FIELD) return EntitlementEnd::read;
  bool null = false;
  std::string_view type;
  if (found != SUCCESS || member.is_null().get(null) != SUCCESS) return EntitlementEnd::garbage;
  if (null) return EntitlementEnd::read;
  if (!read(member, type)) return EntitlementEnd::garbage;
  entitlement.metered = type == "metered";
  const bool is_known = entitlement.metered || type == "boolean" || type == "static";
  return is_known ? EntitlementEnd::read : EntitlementEnd::unknown;
}

EntitlementEnd read_entitlement(ondemand::value& value, SnapshotEntitlement& entitlement) {
  ondemand::object object;
  if (value.get_object().get(object) != SUCCESS) return EntitlementEnd::garbage;
  const EntitlementEnd type = read_type(object, entitlement);
  if (type != EntitlementEnd::read) return type;
  if (object.reset().error() != SUCCESS) return EntitlementEnd::garbage;
  const bool is_right = each_member_of(object, [&](std::string_view key, ondemand::value& member) {
    if (key == "balance") return read_balance(member, entitlement.balance);
    if (key == "hasAccess") return read(member, entitlement.has_access);
    if (key == "isSoftLimit") return read(member, entitlement.soft_limit);
    if (key == "period") return read_period(member, entitlement.period);
    if (key == "nextPeriod") return read_next_period(member, entitlement);
    if (key == "limit") return read_limit(member, entitlement);
    return true;
  });
  return is_right ? EntitlementEnd::read : EntitlementEnd::garbage;
}

void drop_entitlement(Snapshot& snapshot, NameId name) {
  const auto end = snapshot.entitlement_list.begin() + static_cast<std::ptrdiff_t>(snapshot.entitlement_count);
  const auto kept = std::remove_if(snapshot.entitlement_list.begin(), end,
                                   [&](const SnapshotEntitlement& entitlement) { return entitlement.name == name; });
  snapshot.entitlement_count -= static_cast<std::size_t>(end - kept);
}

bool read_entitlements(ondemand::value& value, const NameTable& names, Snapshot& snapshot) {
  snapshot.has_entitlements = true;
  std::bitset<limits::kMaxNames> seen;
  return each_member(value, [&](std::string_view key, ondemand::value& member) {
    const int found = names.find(key);
    if (found < 0) return true;
    const auto name = static_cast<NameId>(found);
    const bool is_known = seen[name];
    const bool is_too_many = snapshot.entitlement_count == snapshot.entitlement_list.size();
    seen[name] = true;
    if (is_known || is_too_many) {
      // Given twice, which one would count? Neither does.
      if (is_known) drop_entitlement(snapshot, name);
      ++snapshot.skipped;
      return true;
    }
    SnapshotEntitlement& entitlement = snapshot.entitlement_list[snapshot.entitlement_count];
    entitlement = {};
    entitlement.metered = true;
    entitlement.name = name;
    const EntitlementEnd end = read_entitlement(member, entitlement);
    ++(end == EntitlementEnd::read ? snapshot.entitlement_count : snapshot.skipped);
    return end != EntitlementEnd::garbage;
  });
}

/// What the ledger has of this instance's usage: a sum for each meter.
bool read_received(ondemand::value& value, const NameTable& names, Snapshot& snapshot) {
  return each_member(value, [&](std::string_view key, ondemand::value& member) {
    const int name = names.find(key);
    if (name < 0 || snapshot.high_water_count == snapshot.high_water_list.size()) return true;
    HighWater& mark = snapshot.high_water_list[snapshot.high_water_count++];
    mark.name = static_cast<NameId>(name);
    return read_balance(member, mark.received);
  });
}

bool parse_payment_status(std::string_view text, PaymentStatus& status) {
  constexpr struct {
    std::string_view name;
    PaymentStatus status;
  } kNames[] = {{"paid", PaymentStatus::paid},
                {"not_required", PaymentStatus::not_required},
                {"pending", PaymentStatus::pending},
                {"failed", PaymentStatus::failed},
                {"uncollectible", PaymentStatus::uncollectible}};
  for (const auto& known : kNames) {
    if (known.name != text) continue;
    status = known.status;
    return true;
  }
  return false;
}

bool read_grace_start(ondemand::value& value, Snapshot& snapshot) {
  return snapshot.grace_start_known = read(value, snapshot.grace_start);
}

bool read_payment(ondemand::value& value, Snapshot& snapshot) {
  const bool ok = each_member(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "status") {
      std::string_view text;
      return read(member, text) && parse_payment_status(text, snapshot.payment);
    }
    if (key == "isFirstPayment") return read(member, snapshot.first_payment);
    if (key == "graceStartsAt") return read_grace_start(member, snapshot);
    if (key == "lastPaymentFailedAt") {
      snapshot.payment_failed_known = true;
      return read(member, snapshot.payment_failed_at);
    }
    return true;
  });
  return ok && snapshot.payment != PaymentStatus::missing;
}

bool read_cadence(ondemand::value& value, Cadence& cadence) {
  std::string_view text;
  if (!read(value, text)) return false;
  const auto parsed = parse_cadence(text);
  if (parsed.ok()) cadence = *parsed;
  return parsed.ok();
}

bool read_bounded(ondemand::value& value, std::size_t max, std::string_view& text) {
  return read(value, text) && !text.empty() && text.size() <= max;
}

/// Resets what an earlier document left, without touching the kilobytes of the list.
void clear(Snapshot& snapshot) {
  snapshot.subscription_id = snapshot.consumer = {};
  snapshot.key_expires = snapshot.active_to = kNever;
  snapshot.said_inactive = snapshot.said_scheduled = false;
  snapshot.payment = PaymentStatus::missing;
  snapshot.first_payment = snapshot.access_blocked = snapshot.payment_failed_known = false;
  snapshot.payment_due_known = snapshot.grace_start_known = false;
  snapshot.grace_days = 3;
  snapshot.has_billing = false;
  snapshot.revision = 0;
  snapshot.has_entitlements = false;
  snapshot.entitlement_count = snapshot.skipped = 0;
  snapshot.high_water_known = false;
  snapshot.high_water_count = 0;
}

/// Reads the members of a snapshot one by one.
class MemberReader {
 public:
  MemberReader(const SnapshotReader& expected, Snapshot& snapshot) : expected_(expected), snapshot_(snapshot) {}

  bool read_member(std::string_view key, ondemand::value& member) {
    if (key == "id") return read_bounded(member, limits::kMaxSubscriptionId, snapshot_.subscription_id);
    if (key == "consumer") return read_bounded(member, limits::kMaxConsumer, snapshot_.consumer);
    if (key == "entitlements") return read_entitlements(member, expected_.names, snapshot_);
    if (key == "paymentStatus") return read_payment(member, snapshot_);
    if (key == "graceStartsAt") return read_grace_start(member, snapshot_);
    if (key == "keyExpiresAt") return read(member, snapshot_.key_expires);
    if (key == "activeFrom") return has_start_ = read(member, snapshot_.active_from);
    if (key == "activeTo") return read(member, snapshot_.active_to);
    if (key == "accessBlocked") return read(member, snapshot_.access_blocked);
    if (key == "billingAnchor") return has_anchor_ = read(member, snapshot_.billing_anchor);
    if (key == "billingCadence") return has_cadence_ = read_cadence(member, snapshot_.billing_cadence);
    if (key == "revision") return read(member, snapshot_.revision) && snapshot_.revision >= 0;
    if (key == "paymentDueAt") return snapshot_.payment_due_known = read(member, snapshot_.payment_due_at);
    if (key == "maxPaymentOverdueDays") return read_grace_days(member);
    if (key == "status") return read_status(member);
    if (key == "highWater") return read_high_water(member);
    if (key == "highWaterPartial") return read(member, is_partial_);
    if (key == "bucket") return is_expected(member, expected_.bucket);
    if (key == "keyDigest") return is_expected(member, expected_.digest);
    return true;
  }

  /// After the last member: whether what must be there was.
  bool finish() {
    snapshot_.has_billing = has_anchor_ && has_cadence_;
    snapshot_.high_water_known = has_marks_ && (found_mark_ || !is_partial_);
    return !snapshot_.subscription_id.empty() && has_start_;
  }

 private:
  bool read_grace_days(ondemand::value& member) {
    return read(member, snapshot_.grace_days) && snapshot_.grace_days >= 0 &&
           snapshot_.grace_days <= limits::kMaxGraceDays;
  }

  bool read_status(ondemand::value& member) {
    std::string_view status;
    if (!read(member, status)) return false;
    snapshot_.said_inactive = status == "inactive";
    snapshot_.said_scheduled = status == "scheduled";
    return true;
  }

  bool read_high_water(ondemand::value& member) {
    has_marks_ = true;
    return each_member(member, [&](std::string_view instance, ondemand::value& sums) {
      if (instance != expected_.instance || found_mark_) return true;
      found_mark_ = true;
      return read_received(sums, expected_.names, snapshot_);
    });
  }

  static bool is_expected(ondemand::value& member, std::string_view what) {
    std::string_view text;
    return read(member, text) && (what.empty() || text == what);
  }

  const SnapshotReader& expected_;
  Snapshot& snapshot_;
  bool has_start_ = false;
  bool has_anchor_ = false;
  bool has_cadence_ = false;
  bool has_marks_ = false;
  bool found_mark_ = false;
  bool is_partial_ = false;
};

}  // namespace

bool read_snapshot(Reader& reader, const char* text, std::size_t length, const SnapshotReader& expected,
                   Snapshot& snapshot) {
  clear(snapshot);
  ondemand::document document;
  if (reader.open(text, length, document) != SUCCESS) return false;
  MemberReader members(expected, snapshot);
  const auto visit = [&](std::string_view key, ondemand::value& member) { return members.read_member(key, member); };
  return each_member(document, visit) && document.at_end() && members.finish();
}

}  // namespace tollgate::json
