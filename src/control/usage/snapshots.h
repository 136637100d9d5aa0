#pragma once

#include "control/http/context.h"
#include "control/subscription/store.h"
#include "control/usage/entitlements.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

/// `GET snapshots/{digest}`: what the edge asks for when its caches do not know a key (S4.1, S4.2).
Response get_snapshot(Context& context);

/// Makes the snapshot of one key: first `ask`, then, when the ledgers have answered, `text`.
class SnapshotBuilder {
 public:
  /// Nothing where no key has this digest.
  static std::optional<SnapshotBuilder> of_key(Context& context, std::string_view digest_hex);

  void ask() { entitlements_->ask(EntitlementDetail::snapshot); }
  /// The JSON, or nothing where the ledger did not answer.
  std::optional<std::string> text() const;

 private:
  SnapshotBuilder(Context& context, StoredSubscription subscription, std::string_view digest_hex, Row key);

  Context* context_;
  std::unique_ptr<StoredSubscription> subscription_;  ///< stays where it is: `entitlements_` looks at it
  std::unique_ptr<Entitlements> entitlements_;
  std::string digest_;
  std::string consumer_;
  std::optional<Instant> key_expires_at_;
};

}  // namespace tollgate::control
