#pragma once

#include "control/port/schema.h"

#include <span>

namespace tollgate::control {

/// The tables of a ledger: the database of one subscription. What is in them is a function of the set of events taken
/// in and of the set of measures asked for, whatever the order, repetition and batching of either (M2).
///
/// - `events`: every event once; the primary key is the dedupe mark, so mark and event cannot part (M3).
/// - `conflicts`: payloads that came under the name of an event with another payload (M4). Counted nowhere.
/// - `measures`: what is accumulated (metering/measure.h), by the digest of its definition.
/// - `rollups`: what the events of a minute, hour or day come to, by measure, subject and dimensions. Decimals are
/// text.
/// - `distinct_values`: which values a minute, hour or day has, for measures that count them.
/// - `senders`: what the events of an edge instance come to, `{type: total}` as JSON, of those who have sent something
///   lately: when they last did is the one thing that the events do not say. What is in a row follows from the events.
std::span<const Migration> ledger_migrations();

}  // namespace tollgate::control
