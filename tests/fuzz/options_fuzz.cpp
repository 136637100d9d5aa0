// policies.json: accepted and describable, or refused with a sentence. Nothing in between.

#include "base/limits.h"
#include "edge_fixture.h"
#include "json/policies.h"

#include <memory>
#include <string>

using namespace tollgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > limits::kMaxConfigurationBytes) return 0;
  static json::Reader reader;
  static const bool started = reader.start(limits::kMaxConfigurationBytes);
  fuzz::require(started);
  std::string text(reinterpret_cast<const char*>(data), size);
  text.resize(size + json::kPadding);
  const auto names = std::make_unique<NameTable>();
  const auto configuration = std::make_unique<Configuration>();
  char sentence[2'048];
  TextBuffer problem(sentence);
  const bool accepted = json::read_policies(reader, text.data(), size, *names, *configuration, problem);
  fuzz::require(accepted == (problem.size() == 0));
  fuzz::require(!problem.full());
  if (!accepted) return 0;
  for (std::size_t i = 0; i < configuration->count; ++i) {
    const Policy& policy = configuration->policies[i];
    fuzz::require(!policy.name.empty() && !policy.auth_header.empty() && !policy.metered_statuses.empty());
    fuzz::require(policy.ttl_ms >= 60'000 && policy.stale_ms >= 0);
    fuzz::require(policy.has_meters == (policy.meter_count > 0));
    for (const PolicyMeter& meter : policy.meters()) {
      fuzz::require(!meter.cost.negative() && meter.cost.in_range() && is_meter_key(names->view(meter.name)));
    }
  }
  return 0;
}
