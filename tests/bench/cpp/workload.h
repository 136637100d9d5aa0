#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tollgate::bench {

/// A key with the snapshot behind it.
struct Subscriber {
  std::string header;
  std::string snapshot;
};

/// A request and how it is to be answered: `"allowed"` or the code of the refusal.
struct Question {
  std::string header;
  std::uint32_t policy = 0;
  std::uint32_t status = 200;  ///< of the response
  std::string answer;
};

/// What workload.mjs asks of every contender, as run.mjs has written it down for the C++ hosts.
struct Workload {
  double now = 0;  ///< milliseconds since 1970
  std::string policies;
  std::size_t policy_count = 0;
  std::vector<Subscriber> subscribers;  ///< as many as the cache holds
  std::vector<Question> questions;
  std::map<std::string, double> usage;  ///< by `subscription meter`, what the answers add up to
  std::vector<std::string> warm;        ///< headers of requests that are all let through
};

/// Reads `workload.json` and `subscribers.tsv`; ends the program with a sentence when they are not as described.
Workload read_workload(const std::string& folder);

}  // namespace tollgate::bench
