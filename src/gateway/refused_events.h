#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::gateway {

/// An event of a batch that was refused for good, and why.
struct RefusedEvent {
  std::size_t index = 0;
  std::string reason;
};

/// What is to be done about a batch that was refused.
struct SortedBatch {
  std::vector<RefusedEvent> refused;  ///< by index, each once
  /// The events to send in its place, by their indices: those up to `first_size` in one batch, others in a second one.
  std::vector<std::size_t> again;
  std::size_t first_size = 0;
};

/// Sorts a batch that was refused, which it is as a whole. Events that the answer names in `invalidParameters` are the
/// ones that are refused, all others go again in one batch. Where it names none, the two halves go; a single event is
/// it then.
SortedBatch sort_refused(std::size_t events, int status, std::string_view answer);

/// The status and what a problem body says with it, as a reason to keep: at most `limits::kMaxDeadLetterReason` bytes.
std::string reason_of(int status, std::string_view answer);

}  // namespace tollgate::gateway
