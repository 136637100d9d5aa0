#include "json/instant.h"

namespace tollgate::json {

void write_instant_member(Writer<Text>& to, std::string_view name, Instant at) {
  char text[kInstantText];
  to.member(name, std::string_view(text, write_instant(at, text)));
}

void write_instant_member(Writer<Text>& to, std::string_view name, std::optional<Instant> at) {
  if (at.has_value()) write_instant_member(to, name, *at);
}

void write_period_members(Writer<Text>& to, Period period) {
  write_instant_member(to, "from", period.from);
  write_instant_member(to, "to", period.to);
}

std::optional<Period> read_period(Value object) {
  const auto from = parse_instant(object.member("from").text());
  const auto to = parse_instant(object.member("to").text());
  if (!from.ok() || !to.ok() || *from >= *to) return std::nullopt;
  return Period{*from, *to};
}

}  // namespace tollgate::json
