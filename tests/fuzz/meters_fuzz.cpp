// Meters set at run time: a new state that is accepted again, or a sentence.

#include "edge_fixture.h"

#include <string>

using namespace tollgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::Edge edge;
  static std::size_t runs = 0;
  if (runs++ % 64 == 0) edge.start();  // names are never forgotten: a table that is full would hide the rest
  const std::uint32_t length = edge.put({reinterpret_cast<const char*>(data), size});
  const std::int32_t written = tg_meters(length);
  if (written < 0) {
    fuzz::require(!edge.sentence().empty());
    return 0;
  }
  const std::string state(edge.output(written));
  const std::int32_t again = tg_meters(edge.put("{\"state\":" + state + ",\"add\":{}}"));
  fuzz::require(again >= 0 && edge.output(again) == state);
  return 0;
}
