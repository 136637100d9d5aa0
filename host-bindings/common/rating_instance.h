#pragma once

#include "base/result.h"
#include "host-bindings/common/trap.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tollgate::host {

/// What the rating module says: an answer, or what is wrong with the question (a JSON array, by field).
struct RatingAnswer {
  bool refused = false;
  std::string text;
};

/// One instance of the rating module, whichever way it is run. Its calls are those of wasm/ABI.md without the prefix
/// `tgr_`. After a call that failed with a `Trap`, every further one does.
///
///     const auto price = rating.price(R"({"price":{"type":"unit","amount":"0.1"},"currency":"USD"})");
///     rating.total(price->handle, "3")->text == "0.30"
class RatingInstance {
 public:
  using Answer = Result<RatingAnswer, Trap>;
  /// The handle counts where nothing was refused.
  struct Price {
    std::uint32_t handle = 0;
    RatingAnswer answer;
  };

  virtual ~RatingInstance() = default;

  virtual Result<std::uint32_t, Trap> abi_version() = 0;
  virtual Result<Price, Trap> price(std::string_view question) = 0;
  virtual Result<bool, Trap> forget(std::uint32_t handle) = 0;
  virtual Answer rate(std::uint32_t handle, std::string_view usage) = 0;
  virtual Answer total(std::uint32_t handle, std::string_view usage) = 0;
  virtual Answer prorate(std::string_view question) = 0;
  virtual Answer period(std::string_view question) = 0;
  virtual Answer alignment(std::string_view question) = 0;
  virtual Answer status(std::string_view question) = 0;

 protected:
  RatingInstance() = default;
  RatingInstance(const RatingInstance&) = delete;
  RatingInstance& operator=(const RatingInstance&) = delete;
};

/// Makes a fresh instance, or says in a sentence why there is none.
using MakeRating = std::function<Result<std::unique_ptr<RatingInstance>, std::string>()>;

}  // namespace tollgate::host
