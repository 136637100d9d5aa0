#pragma once

/// A broken assumption of our own is a bug, and a bug traps: the host discards the instance and makes another.
/// Assertions are on in every build. They never check input: bad input is a `Result` or a refusal.
#define TOLLGATE_ASSERT(condition)   \
  do {                               \
    if (!(condition)) [[unlikely]] { \
      __builtin_trap();              \
    }                                \
  } while (false)
