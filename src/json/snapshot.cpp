#include "json/snapshot.h"

namespace tollgate::json {
namespace {

using simdjson::SUCCESS;

/// Calls `visit(key, value)` for each member that is not null, until it returns false. False then, and for what is no
/// object or breaks off.
template <class Object, class Visit>
bool each_member(Object&& value, Visit visit) {
  ondemand::object object;
  if (value.get_object().get(object) != SUCCESS) return false;
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

bool read_entitlement(ondemand::value& value, SnapshotEntitlement& entitlement) {
  return each_member(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "balance") return read_balance(member, entitlement.balance);
    if (key == "hasAccess") return read(member, entitlement.has_access);
    if (key == "isSoftLimit") return read(member, entitlement.soft_limit);
    if (key == "period") return read_period(member, entitlement.period);
    if (key == "limit") {
      Quantity limit;
      if (!read_balance(member, limit)) return false;
      entitlement.limit_units = limit.floor_units();
      return true;
    }
    if (key == "type") {
      std::string_view type;
      if (!read(member, type)) return false;
      entitlement.metered = type == "metered";
      return entitlement.metered || type == "boolean" || type == "static";
    }
    return true;
  });
}

bool read_entitlements(ondemand::value& value, const NameTable& names, Snapshot& snapshot) {
  snapshot.has_entitlements = true;
  return each_member(value, [&](std::string_view key, ondemand::value& member) {
    const int name = names.find(key);
    if (name < 0) return true;
    for (std::size_t i = 0; i < snapshot.entitlement_count; ++i) {
      if (snapshot.entitlement_list[i].name == name) return false;  // given twice: which one would count?
    }
    if (snapshot.entitlement_count == snapshot.entitlement_list.size()) return false;
    SnapshotEntitlement& entitlement = snapshot.entitlement_list[snapshot.entitlement_count++];
    entitlement = {};
    entitlement.metered = true;
    entitlement.name = static_cast<NameId>(name);
    return read_entitlement(member, entitlement);
  });
}

bool parse_payment_status(std::string_view text, PaymentStatus& status) {
  if (text == "paid")
    status = PaymentStatus::paid;
  else if (text == "not_required")
    status = PaymentStatus::not_required;
  else if (text == "pending")
    status = PaymentStatus::pending;
  else if (text == "failed")
    status = PaymentStatus::failed;
  else if (text == "uncollectible")
    status = PaymentStatus::uncollectible;
  else
    return false;
  return true;
}

bool read_payment(ondemand::value& value, Snapshot& snapshot) {
  const bool ok = each_member(value, [&](std::string_view key, ondemand::value& member) {
    if (key == "status") {
      std::string_view text;
      return read(member, text) && parse_payment_status(text, snapshot.payment);
    }
    if (key == "isFirstPayment") return read(member, snapshot.first_payment);
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
  snapshot.payment_due_known = false;
  snapshot.grace_days = 3;
  snapshot.has_billing = false;
  snapshot.revision = 0;
  snapshot.has_entitlements = false;
  snapshot.entitlement_count = 0;
}

}  // namespace

bool read_snapshot(Reader& reader, const char* text, std::size_t length, const NameTable& names, Snapshot& snapshot) {
  clear(snapshot);
  ondemand::document document;
  if (reader.open(text, length, document) != SUCCESS) return false;
  bool active_from = false;
  bool anchor = false;
  bool cadence = false;
  const bool ok = each_member(document, [&](std::string_view key, ondemand::value& member) {
    if (key == "id") return read_bounded(member, limits::kMaxSubscriptionId, snapshot.subscription_id);
    if (key == "consumer") return read_bounded(member, limits::kMaxConsumer, snapshot.consumer);
    if (key == "entitlements") return read_entitlements(member, names, snapshot);
    if (key == "paymentStatus") return read_payment(member, snapshot);
    if (key == "keyExpiresAt") return read(member, snapshot.key_expires);
    if (key == "activeFrom") return active_from = read(member, snapshot.active_from);
    if (key == "activeTo") return read(member, snapshot.active_to);
    if (key == "accessBlocked") return read(member, snapshot.access_blocked);
    if (key == "billingAnchor") return anchor = read(member, snapshot.billing_anchor);
    if (key == "billingCadence") return cadence = read_cadence(member, snapshot.billing_cadence);
    if (key == "revision") return read(member, snapshot.revision) && snapshot.revision >= 0;
    if (key == "paymentDueAt") return snapshot.payment_due_known = read(member, snapshot.payment_due_at);
    if (key == "maxPaymentOverdueDays") {
      return read(member, snapshot.grace_days) && snapshot.grace_days >= 0 &&
             snapshot.grace_days <= limits::kMaxGraceDays;
    }
    if (key == "status") {
      std::string_view status;
      if (!read(member, status)) return false;
      snapshot.said_inactive = status == "inactive";
      snapshot.said_scheduled = status == "scheduled";
      return true;
    }
    return true;
  });
  snapshot.has_billing = anchor && cadence;
  return ok && document.at_end() && !snapshot.subscription_id.empty() && active_from;
}

}  // namespace tollgate::json
