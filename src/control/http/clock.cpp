#include "control/http/clock.h"

namespace tollgate::control {

bool takes_test_clock(std::string_view bucket) { return bucket != "production"; }

DomainClock read_clock(Sql& sql, const Request& request) {
  DomainClock clock{request.now, request.now, false, false, std::nullopt};
  if (request.role != Role::bucket || !takes_test_clock(request.object)) return clock;
  const Rows rows = sql.query("SELECT now, set_at, frozen, advances_to FROM test_clock");
  if (rows.empty()) return clock;
  const Row row = rows.first();
  clock.set = true;
  clock.frozen = row.truth(2);
  clock.advances_to = row.optional_instant(3);
  const bool stands = clock.frozen || clock.advances_to.has_value();
  clock.now = {row.number(0) + (stands ? 0 : request.now.ms - row.number(1))};
  return clock;
}

void write_clock(Sql& sql, const DomainClock& clock) {
  sql.exec(
      "INSERT INTO test_clock (id, now, set_at, frozen, advances_to) VALUES (1, ?1, ?2, ?3, ?4)"
      " ON CONFLICT (id) DO UPDATE SET now = ?1, set_at = ?2, frozen = ?3, advances_to = ?4",
      clock.now, clock.real, clock.frozen, clock.advances_to);
}

}  // namespace tollgate::control
