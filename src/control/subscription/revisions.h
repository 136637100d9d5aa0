#pragma once

#include "control/http/context.h"

#include <string_view>

namespace tollgate::control {

/// The revision of a key's snapshots never goes down, whatever subscription it names (S4.2, S7): what an edge has
/// learned of a key it replaces only by something with a higher one, or the same. The number stands on the
/// subscription, and this is how the rule holds:
///
/// - Every change that shows on a snapshot raises it (`change_snapshots`, control/schedule/outbox.h). Nothing ever
///   lowers it.
/// - A key that moves to another subscription (`hand_over_keys`) takes it along: the other one's is raised above it.
/// - A key that is deleted leaves it behind, raised once more, for `limits::kDeletedKeyMs`: one with the same text that
///   is imported in that time, into whatever subscription, begins above it. So a copy of before, which may live in a
///   cache, is always the older one.

/// Raises the revision of the subscription `to` to that of `from`; whoever calls it raises it once more.
void carry_revision(Context& context, std::string_view from, std::string_view to);

/// A key is about to be deleted: the snapshots of its subscription get another revision, which the key leaves behind.
void leave_revision(Context& context, std::string_view subscription_id, std::string_view key_id);

/// A key with this digest has been made: if there was one before, the subscription's snapshots begin above what that
/// one left.
void continue_revision(Context& context, std::string_view subscription_id, std::string_view digest_hex);

}  // namespace tollgate::control
