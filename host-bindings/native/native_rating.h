#pragma once

#include "host-bindings/common/rating_instance.h"

namespace tollgate::host {

/// The rating module compiled for the machine itself. All instances of a process share one set of prices; a trap ends
/// the process.
class NativeRating final : public RatingInstance {
 public:
  static Result<std::unique_ptr<RatingInstance>, std::string> make();

  Result<std::uint32_t, Trap> abi_version() override;
  Result<Price, Trap> price(std::string_view question) override;
  Result<bool, Trap> forget(std::uint32_t handle) override;
  Answer rate(std::uint32_t handle, std::string_view usage) override;
  Answer total(std::uint32_t handle, std::string_view usage) override;
  Answer prorate(std::string_view question) override;
  Answer period(std::string_view question) override;
  Answer alignment(std::string_view question) override;
  Answer status(std::string_view question) override;

 private:
  NativeRating() = default;
};

}  // namespace tollgate::host
