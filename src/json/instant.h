#pragma once

#include "calendar/period.h"
#include "json/document.h"

#include <optional>
#include <string_view>

namespace tollgate::json {

/// `"createdAt": "2026-01-15T10:00:00Z"`.
void write_instant_member(Writer<Text>& to, std::string_view name, Instant at);
/// Nothing for none.
void write_instant_member(Writer<Text>& to, std::string_view name, std::optional<Instant> at);

/// The members `from` and `to`, into an object that is open.
void write_period_members(Writer<Text>& to, Period period);
/// Reads them again; nothing where they are no period that begins before it ends.
std::optional<Period> read_period(Value object);

}  // namespace tollgate::json
