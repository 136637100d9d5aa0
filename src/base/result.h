#pragma once

#include "base/assert.h"

#include <utility>

namespace tollgate {

/// Failure of one kind, to be returned where a `Result<T, E>` is expected: `return fail(Error::too_long);`.
template <class E>
struct Failure {
  E error;
};

template <class E>
[[nodiscard]] constexpr Failure<E> fail(E error) {
  return {std::move(error)};
}

/// Either a value or the precise reason why there is none. Reading the side that is not there is a bug and traps.
/// `T` and `E` are default-constructible values.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(std::move(value)), ok_(true) {}
  constexpr Result(Failure<E> failure) : error_(std::move(failure.error)), ok_(false) {}

  constexpr bool ok() const { return ok_; }
  constexpr explicit operator bool() const { return ok_; }

  constexpr const T& value() const {
    TOLLGATE_ASSERT(ok_);
    return value_;
  }
  constexpr T& value() {
    TOLLGATE_ASSERT(ok_);
    return value_;
  }
  constexpr const T& operator*() const { return value(); }
  constexpr T& operator*() { return value(); }
  constexpr const T* operator->() const { return &value(); }
  constexpr T* operator->() { return &value(); }

  constexpr const E& error() const {
    TOLLGATE_ASSERT(!ok_);
    return error_;
  }

 private:
  T value_{};
  E error_{};
  bool ok_;
};

}  // namespace tollgate
