#include "control/usage/settled_store.h"

namespace tollgate::control {

std::optional<billing::Settled> find_settled(Sql& sql, std::string_view subscription_id, std::string_view feature_key) {
  const Rows rows = sql.query(
      "SELECT settled_until, overdrawn, allowance, usage FROM settled_usage"
      " WHERE subscription_id = ? AND feature_key = ?",
      subscription_id, feature_key);
  if (rows.empty()) return std::nullopt;
  const Row row = rows.first();
  return billing::Settled{row.instant(0), row.quantity(1), row.quantity(2), row.quantity(3)};
}

void keep_settled(Sql& sql, std::string_view subscription_id, std::string_view feature_key,
                  const billing::Settled& settled) {
  sql.exec(
      "INSERT OR REPLACE INTO settled_usage (subscription_id, feature_key, settled_until, overdrawn, allowance, usage)"
      " VALUES (?, ?, ?, ?, ?, ?)",
      subscription_id, feature_key, settled.until, settled.overdrawn, settled.allowance, settled.usage);
}

void forget_settled(Sql& sql, std::string_view subscription_id, std::string_view feature_key) {
  sql.exec("DELETE FROM settled_usage WHERE subscription_id = ? AND feature_key = ?", subscription_id, feature_key);
}

}  // namespace tollgate::control
