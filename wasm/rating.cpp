// The exports of the rating module: each checks, decodes, calls and encodes. wasm/ABI.md is the manual.

#include "base/limits.h"
#include "json/calculator.h"
#include "json/violations.h"
#include "wasm/rating_abi.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tollgate;
using Answer = Result<std::string, Violations>;

/// What an instance keeps between calls. Made on first use: a module has no start function.
struct Instance {
  std::string input;
  std::string output;
  std::vector<std::optional<json::CalculatedPrice>> prices;  ///< by handle; nothing where one was forgotten

  std::string_view text(std::uint32_t length) const { return std::string_view(input).substr(0, length); }
};

Instance& instance() {
  static Instance* const made = new Instance;
  return *made;
}

std::int32_t leave(std::string text) {
  instance().output = std::move(text);
  return static_cast<std::int32_t>(instance().output.size());
}

std::int32_t refuse(const Violations& violations) { return -1 - leave(json::violations_text(violations)); }

std::int32_t refuse(std::string_view field, std::string_view rule, std::string_view message) {
  Violations violations;
  violations.add(field, rule, message);
  return refuse(violations);
}

std::int32_t leave(Answer answer) { return answer.ok() ? leave(std::move(*answer)) : refuse(answer.error()); }

std::int32_t about_price(std::uint32_t handle, std::uint32_t length,
                         Answer (*ask)(const json::CalculatedPrice&, std::string_view)) {
  const auto& prices = instance().prices;
  const bool known = handle < prices.size() && prices[handle].has_value();
  return known ? leave(ask(*prices[handle], instance().text(length))) : refuse("price", "handle", "is not known");
}

}  // namespace

extern "C" {

std::uint32_t tgr_abi_version() { return 1; }

char* tgr_input(std::uint32_t length) {
  instance().input.resize(length);
  return instance().input.data();
}

const char* tgr_output() { return instance().output.data(); }

std::int32_t tgr_price(std::uint32_t length) {
  auto& prices = instance().prices;
  auto price = json::read_calculated_price(instance().text(length));
  if (!price.ok()) return refuse(price.error());
  std::size_t handle = 0;
  while (handle < prices.size() && prices[handle].has_value()) ++handle;
  if (handle == limits::kMaxCalculatedPrices) return refuse("price", "too_many", "forget one of the others first");
  if (handle == prices.size()) prices.emplace_back();
  prices[handle] = std::move(*price);
  return static_cast<std::int32_t>(handle);
}

std::int32_t tgr_forget(std::uint32_t handle) {
  auto& prices = instance().prices;
  if (handle >= prices.size() || !prices[handle].has_value()) return -1;
  prices[handle].reset();
  return 0;
}

std::int32_t tgr_rate(std::uint32_t handle, std::uint32_t length) {
  return about_price(handle, length, json::rate_usage);
}

std::int32_t tgr_total(std::uint32_t handle, std::uint32_t length) {
  return about_price(handle, length, json::total_of_usage);
}

std::int32_t tgr_prorate(std::uint32_t length) { return leave(json::prorate(instance().text(length))); }

std::int32_t tgr_period(std::uint32_t length) { return leave(json::period_around(instance().text(length))); }

std::int32_t tgr_alignment(std::uint32_t length) { return leave(json::alignment(instance().text(length))); }

std::int32_t tgr_status(std::uint32_t length) { return leave(json::status_of(instance().text(length))); }

}  // extern "C"
