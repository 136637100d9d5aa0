#include "host-bindings/wasmtime/rating_module.h"

#include <memory>
#include <utility>

namespace tollgate::host {

Result<MakeRating, std::string> WasmtimeRating::load(const std::filesystem::path& file) {
  const auto compiled = compile_module(file);
  if (!compiled.ok()) return fail(compiled.error());
  return MakeRating([module = *compiled]() -> Result<std::unique_ptr<RatingInstance>, std::string> {
    std::unique_ptr<WasmtimeRating> rating(new WasmtimeRating(module));
    if (const auto started = rating->start(module); !started.ok()) return fail(started.error());
    return std::unique_ptr<RatingInstance>(std::move(rating));
  });
}

Result<bool, std::string> WasmtimeRating::start(const CompiledModule& compiled) {
  return module_.start(compiled, "tgr_", [this](ExportTaker& exports) {
    exports.take("tgr_price", exports_.price);
    exports.take("tgr_forget", exports_.forget);
    exports.take("tgr_rate", exports_.rate);
    exports.take("tgr_total", exports_.total);
    exports.take("tgr_prorate", exports_.prorate);
    exports.take("tgr_period", exports_.period);
    exports.take("tgr_alignment", exports_.alignment);
    exports.take("tgr_status", exports_.status);
  });
}

RatingInstance::Answer WasmtimeRating::answer(Result<std::int32_t, Trap> result) {
  if (!result.ok()) return fail(result.error());
  const auto text = module_.output(static_cast<std::uint32_t>(*result < 0 ? -1 - *result : *result));
  if (!text.ok()) return fail(text.error());
  return RatingAnswer{*result < 0, *text};
}

RatingInstance::Answer WasmtimeRating::ask(const Question& question, std::string_view text) {
  const auto length = module_.put(text);
  if (!length.ok()) return fail(length.error());
  return answer(module_.call(question, *length));
}

RatingInstance::Answer WasmtimeRating::ask(const PriceQuestion& question, std::uint32_t handle,
                                           std::string_view usage) {
  const auto length = module_.put(usage);
  if (!length.ok()) return fail(length.error());
  return answer(module_.call(question, handle, *length));
}

Result<RatingInstance::Price, Trap> WasmtimeRating::price(std::string_view question) {
  const auto length = module_.put(question);
  if (!length.ok()) return fail(length.error());
  const auto result = module_.call(exports_.price, *length);
  if (!result.ok()) return fail(result.error());
  if (*result >= 0) return Price{static_cast<std::uint32_t>(*result), {}};
  const auto refusal = answer(result);
  if (!refusal.ok()) return fail(refusal.error());
  return Price{0, *refusal};
}

Result<bool, Trap> WasmtimeRating::forget(std::uint32_t handle) {
  const auto result = module_.call(exports_.forget, handle);
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
