#include "host-bindings/native/native_rating.h"

#include "wasm/rating_abi.h"

#include <cstring>

namespace tollgate::host {
namespace {

std::uint32_t put(std::string_view text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  char* const room = tgr_input(length);
  if (length > 0) std::memcpy(room, text.data(), length);
  return length;
}

RatingAnswer answer(std::int32_t result) {
  const std::int32_t length = result < 0 ? -1 - result : result;
  return {result < 0, {tgr_output(), static_cast<std::size_t>(length)}};
}

}  // namespace

Result<std::unique_ptr<RatingInstance>, std::string> NativeRating::make() {
  return std::unique_ptr<RatingInstance>(new NativeRating);
}

Result<std::uint32_t, Trap> NativeRating::abi_version() { return tgr_abi_version(); }

Result<RatingInstance::Price, Trap> NativeRating::price(std::string_view question) {
  const std::int32_t result = tgr_price(put(question));
  if (result < 0) return Price{0, answer(result)};
  return Price{static_cast<std::uint32_t>(result), {}};
}

Result<bool, Trap> NativeRating::forget(std::uint32_t handle) { return tgr_forget(handle) == 0; }

RatingInstance::Answer NativeRating::rate(std::uint32_t handle, std::string_view usage) {
  return answer(tgr_rate(handle, put(usage)));
}

RatingInstance::Answer NativeRating::total(std::uint32_t handle, std::string_view usage) {
  return answer(tgr_total(handle, put(usage)));
}

RatingInstance::Answer NativeRating::prorate(std::string_view question) { return answer(tgr_prorate(put(question))); }

RatingInstance::Answer NativeRating::period(std::string_view question) { return answer(tgr_period(put(question))); }

RatingInstance::Answer NativeRating::alignment(std::string_view question) {
  return answer(tgr_alignment(put(question)));
}

RatingInstance::Answer NativeRating::status(std::string_view question) { return answer(tgr_status(put(question))); }

}  // namespace tollgate::host
