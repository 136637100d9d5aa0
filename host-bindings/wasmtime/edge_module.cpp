#include "host-bindings/wasmtime/edge_module.h"

#include "host-bindings/wasmtime/wasmtime_edge.h"

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace tollgate::host {
namespace {

wasmtime::Config configured(const InstanceLimits& limits) {
  wasmtime::Config config;
  config.consume_fuel(limits.fuel_per_call > 0);
  config.epoch_interruption(limits.deadline_ms > 0);
  return config;
}

}  // namespace

EdgeModule::Loaded EdgeModule::load(const std::filesystem::path& file, InstanceLimits limits) {
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail("The module " + file.string() + " cannot be read.");
  return compile({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, limits);
}

EdgeModule::Loaded EdgeModule::compile(std::span<const std::uint8_t> bytes, InstanceLimits limits) {
  wasmtime::Engine engine(configured(limits));
  // wasmtime's span has no const; the bytes are only read.
  auto compiled = wasmtime::Module::compile(engine, {const_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  if (!compiled) return fail("The module does not compile: " + compiled.err_ref().message());
  if (compiled.ok_ref().imports().size() > 0) return fail(std::string("The module imports something."));
  return std::shared_ptr<EdgeModule>(new EdgeModule(std::move(engine), compiled.ok(), limits));
}

EdgeModule::EdgeModule(wasmtime::Engine engine, wasmtime::Module module, InstanceLimits limits)
    : engine_(std::move(engine)), module_(std::move(module)), limits_(limits) {
  if (limits_.deadline_ms > 0) ticker_.emplace(engine_, limits_.deadline_ms);
}

Result<std::unique_ptr<WasmtimeEdge>, std::string> EdgeModule::instantiate() {
  wasmtime::Store store(engine_);
  constexpr std::int64_t kAnyTable = -1;
  store.limiter(limits_.memory_bytes, kAnyTable, 1, 1, 1);
  std::unique_ptr<WasmtimeEdge> edge(new WasmtimeEdge(shared_from_this(), std::move(store)));
  if (const auto started = edge->start(); !started.ok()) return fail(started.error());
  return edge;
}

MakeEdge EdgeModule::maker() {
  return [module = shared_from_this()]() -> Result<std::unique_ptr<EdgeInstance>, std::string> {
    auto edge = module->instantiate();
    if (!edge.ok()) return fail(edge.error());
    return std::unique_ptr<EdgeInstance>(std::move(*edge));
  };
}

}  // namespace tollgate::host
