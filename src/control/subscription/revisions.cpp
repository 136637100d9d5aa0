#include "control/subscription/revisions.h"

#include "base/limits.h"
#include "control/schedule/outbox.h"

namespace tollgate::control {

void carry_revision(Context& context, std::string_view from, std::string_view to) {
  context.sql.exec(
      "UPDATE subscriptions SET revision = max(revision, (SELECT revision FROM subscriptions WHERE id = ?1))"
      " WHERE id = ?2",
      from, to);
}

void leave_revision(Context& context, std::string_view subscription_id, std::string_view key_id) {
  change_snapshots(context, subscription_id);
  context.sql.exec(
      "INSERT INTO deleted_keys (digest, revision, deleted_at)"
      " SELECT k.digest, s.revision, ?2 FROM api_keys k JOIN subscriptions s ON s.id = k.subscription_id"
      " WHERE k.id = ?1",
      key_id, context.real_now());
  // Each that comes takes two that are too old along, so that they do not pile up.
  context.sql.exec(
      "DELETE FROM deleted_keys WHERE digest IN"
      " (SELECT digest FROM deleted_keys WHERE deleted_at < ? ORDER BY deleted_at LIMIT 2)",
      context.real_now().ms - limits::kDeletedKeyMs);
}

void continue_revision(Context& context, std::string_view subscription_id, std::string_view digest_hex) {
  const Rows left = context.sql.query("SELECT revision FROM deleted_keys WHERE digest = ?", digest_hex);
  if (left.empty()) return;
  context.sql.exec("UPDATE subscriptions SET revision = max(revision, ?2) WHERE id = ?1", subscription_id,
                   left.first().number(0));
  context.sql.exec("DELETE FROM deleted_keys WHERE digest = ?", digest_hex);
  change_snapshots(context, subscription_id);
}

}  // namespace tollgate::control
