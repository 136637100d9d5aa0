#include "host-bindings/wasmtime/text_module.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

namespace tollgate::host {
namespace {

constexpr std::int64_t kMemoryBytes = 64 * 1024 * 1024;

}  // namespace

Result<CompiledModule, std::string> compile_module(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail("The module " + file.string() + " cannot be read.");
  wasmtime::Config config;
  config.consume_fuel(true);
  CompiledModule compiled;
  compiled.engine = std::make_shared<wasmtime::Engine>(std::move(config));
  auto module = wasmtime::Module::compile(*compiled.engine, bytes);
  if (!module) return fail("The module does not compile: " + module.err_ref().message());
  if (module.ok_ref().imports().size() > 0) return fail(std::string("The module imports something."));
  compiled.module = std::make_shared<wasmtime::Module>(module.ok());
  return compiled;
}

TextModule::TextModule(const CompiledModule& compiled) : store_(*compiled.engine) {
  store_.limiter(kMemoryBytes, -1, 1, 1, 1);
}

std::optional<wasmtime::Span<std::uint8_t>> TextModule::memory(std::uint32_t at, std::uint32_t length) {
  const auto bytes = memory_->data(store_);
  if (at > bytes.size() || length > bytes.size() - at) return std::nullopt;
  return bytes.subspan(at, length);
}

Trap TextModule::outside() {
  dead_ = true;
  return {TrapCause::fault, "The module names a place outside of its memory."};
}

Result<std::uint32_t, Trap> TextModule::put(std::string_view text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  const auto room = call(input_, length);
  if (!room.ok()) return fail(room.error());
  const auto bytes = memory(*room, length);
  if (!bytes.has_value()) return fail(outside());
  if (length > 0) std::memcpy(bytes->data(), text.data(), length);
  return length;
}

Result<std::string, Trap> TextModule::output(std::uint32_t length) {
  const auto at = call(output_);
  if (!at.ok()) return fail(at.error());
  const auto bytes = memory(*at, length);
  if (!bytes.has_value()) return fail(outside());
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

}  // namespace tollgate::host
