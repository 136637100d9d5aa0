#pragma once

#include <cstdint>
#include <string>

namespace tollgate::host {

/// Why a call into an instance ended without an answer.
enum class TrapCause : std::uint8_t {
  fault,     ///< the module trapped: an assertion, an access out of bounds, a stack too deep. A bug of the module
  deadline,  ///< the call took longer than the host allows
  fuel,      ///< the call executed more instructions than the host allows
  dead,      ///< an earlier call trapped, and the instance is not to be called again
};

/// The end of an instance: whatever the cause, it is to be dropped (wasm/ABI.md, "Traps").
struct Trap {
  TrapCause cause = TrapCause::fault;
  std::string message;  ///< for a log; holds nothing of a request
};

}  // namespace tollgate::host
