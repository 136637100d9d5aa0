#pragma once

#include "control/http/context.h"

#include <string_view>

namespace tollgate::control {

/// What must happen elsewhere because of what is written here is a row of the outbox, written in the same transaction.
/// The host takes what is due, does it, and says what came of it (control/outbox_run.h); a row goes only when its
/// effect is confirmed, and is tried again, later and later, until then. Rows have a kind, a target, a body and an
/// idempotency key.
///
/// A row of kind `snapshot` asks for the KV entry of one key digest to be brought up to date. Its body is made when it
/// is taken, from what is true then, so that a late try never writes something old over something new. There is one row
/// for each digest; another change while the row is out raises its `generation`, and confirming the older one leaves
/// it.
inline constexpr char kSnapshotRow[] = "snapshot";

/// A new subscription: its keys are to be written.
void publish_snapshots(Context& context, std::string_view subscription_id);
/// A key that was made.
void publish_snapshot_of_key(Context& context, std::string_view key_id);
/// Something that stands on the snapshots changed: raises their revisions and has them written again.
void change_snapshots(Context& context, std::string_view subscription_id);
void change_snapshots_of_customer(Context& context, std::string_view customer_id);
void change_all_snapshots(Context& context);

/// Whether anything waits in it.
bool has_outbox(Sql& sql);

}  // namespace tollgate::control
