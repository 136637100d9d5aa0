#include "host-bindings/wasmtime/rating_module.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace tollgate::host {
namespace {

constexpr std::int64_t kMemoryBytes = 64 * 1024 * 1024;
/// The dearest question, a price of a hundred tiers, takes about a hundredth of it.
constexpr std::uint64_t kFuelPerCall = 100'000'000;

}  // namespace

Result<MakeRating, std::string> WasmtimeRating::load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail("The module " + file.string() + " cannot be read.");
  wasmtime::Config config;
  config.consume_fuel(true);
  const auto engine = std::make_shared<wasmtime::Engine>(std::move(config));
  auto compiled = wasmtime::Module::compile(*engine, bytes);
  if (!compiled) return fail("The module does not compile: " + compiled.err_ref().message());
  if (compiled.ok_ref().imports().size() > 0) return fail(std::string("The module imports something."));
  const auto module = std::make_shared<wasmtime::Module>(compiled.ok());
  return MakeRating([engine, module]() -> Result<std::unique_ptr<RatingInstance>, std::string> {
    wasmtime::Store store(*engine);
    store.limiter(kMemoryBytes, -1, 1, 1, 1);
    std::unique_ptr<WasmtimeRating> rating(new WasmtimeRating(std::move(store)));
    if (const auto started = rating->start(*module); !started.ok()) return fail(started.error());
    return std::unique_ptr<RatingInstance>(std::move(rating));
  });
}

Result<bool, std::string> WasmtimeRating::start(const wasmtime::Module& module) {
  auto instance = wasmtime::Instance::create(store_, module, {});
  if (!instance) return fail("The module cannot be instantiated: " + instance.err_ref().message());
  auto standing = instance.ok();
  ExportTaker exports(store_, standing);
  exports.take("tgr_abi_version", exports_.abi_version);
  exports.take("tgr_input", exports_.input);
  exports.take("tgr_output", exports_.output);
  exports.take("tgr_price", exports_.price);
  exports.take("tgr_forget", exports_.forget);
  exports.take("tgr_rate", exports_.rate);
  exports.take("tgr_total", exports_.total);
  exports.take("tgr_prorate", exports_.prorate);
  exports.take("tgr_period", exports_.period);
  exports.take("tgr_alignment", exports_.alignment);
  exports.take("tgr_status", exports_.status);
  exports.take_memory(memory_);
  if (!exports.missed().empty()) return fail(exports.missed());
  return true;
}

template <class R, class... A>
Result<R, Trap> WasmtimeRating::call(const Export<R(A...)>& callee, std::type_identity_t<A>... arguments) {
  if (dead_) return fail(Trap{TrapCause::dead, "The instance has trapped before."});
  store_.context().set_fuel(kFuelPerCall).unwrap();
  const auto result = callee.function->call(store_, std::tuple<A...>(arguments...));
  fuel_used_ += kFuelPerCall - store_.context().get_fuel().unwrap();
  if (result) return result.ok_ref();
  dead_ = true;
  return fail(Trap{cause_of(result.err_ref()), result.err_ref().message()});
}

std::optional<wasmtime::Span<std::uint8_t>> WasmtimeRating::memory(std::uint32_t at, std::uint32_t length) {
  const auto bytes = memory_->data(store_);
  if (at > bytes.size() || length > bytes.size() - at) return std::nullopt;
  return bytes.subspan(at, length);
}

Trap WasmtimeRating::outside() {
  dead_ = true;
  return {TrapCause::fault, "The module names a place outside of its memory."};
}

Result<std::uint32_t, Trap> WasmtimeRating::put(std::string_view text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  const auto room = call(exports_.input, length);
  if (!room.ok()) return fail(room.error());
  const auto bytes = memory(*room, length);
  if (!bytes.has_value()) return fail(outside());
  if (length > 0) std::memcpy(bytes->data(), text.data(), length);
  return length;
}

RatingInstance::Answer WasmtimeRating::answer(Result<std::int32_t, Trap> result) {
  if (!result.ok()) return fail(result.error());
  const auto output = call(exports_.output);
  if (!output.ok()) return fail(output.error());
  const auto bytes = memory(*output, static_cast<std::uint32_t>(*result < 0 ? -1 - *result : *result));
  if (!bytes.has_value()) return fail(outside());
  return RatingAnswer{*result < 0, {reinterpret_cast<const char*>(bytes->data()), bytes->size()}};
}

RatingInstance::Answer WasmtimeRating::ask(const Question& question, std::string_view text) {
  const auto length = put(text);
  if (!length.ok()) return fail(length.error());
  return answer(call(question, *length));
}

RatingInstance::Answer WasmtimeRating::ask(const PriceQuestion& question, std::uint32_t handle,
                                           std::string_view usage) {
  const auto length = put(usage);
  if (!length.ok()) return fail(length.error());
  return answer(call(question, handle, *length));
}

Result<std::uint32_t, Trap> WasmtimeRating::abi_version() { return call(exports_.abi_version); }

Result<RatingInstance::Price, Trap> WasmtimeRating::price(std::string_view question) {
  const auto length = put(question);
  if (!length.ok()) return fail(length.error());
  const auto result = call(exports_.price, *length);
  if (!result.ok()) return fail(result.error());
  if (*result >= 0) return Price{static_cast<std::uint32_t>(*result), {}};
  const auto refusal = answer(result);
  if (!refusal.ok()) return fail(refusal.error());
  return Price{0, *refusal};
}

Result<bool, Trap> WasmtimeRating::forget(std::uint32_t handle) {
  const auto result = call(exports_.forget, handle);
  if (!result.ok()) return fail(result.error());
  return *result == 0;
}

RatingInstance::Answer WasmtimeRating::rate(std::uint32_t handle, std::string_view usage) {
  return ask(exports_.rate, handle, usage);
}

RatingInstance::Answer WasmtimeRating::total(std::uint32_t handle, std::string_view usage) {
  return ask(exports_.total, handle, usage);
}

RatingInstance::Answer WasmtimeRating::prorate(std::string_view question) { return ask(exports_.prorate, question); }

RatingInstance::Answer WasmtimeRating::period(std::string_view question) { return ask(exports_.period, question); }

RatingInstance::Answer WasmtimeRating::alignment(std::string_view question) {
  return ask(exports_.alignment, question);
}

RatingInstance::Answer WasmtimeRating::status(std::string_view question) { return ask(exports_.status, question); }

}  // namespace tollgate::host
