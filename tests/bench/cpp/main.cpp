// The C++ hosts of the warm row (P1, P7) and wasmtime's part of the start row (P5): bench_cpp FOLDER
//
// FOLDER is where hosts/cpp.mjs has put the workload. Prints a line for each series, fields separated by tabs: host,
// contender, what was measured, samples.

#include "host-bindings/native/native_edge.h"
#include "host-bindings/wasmtime/wasmtime_edge.h"
#include "tests/bench/cpp/contender.h"

#include <chrono>
#include <deque>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::bench {
namespace {

constexpr int kRounds = 11;
constexpr int kWarmUpChunks = 150;
constexpr int kChunks = 40;
constexpr std::size_t kChunk = 256;  // as in rows/warm.mjs
constexpr const char* kBuilds[] = {"wasi", "emscripten"};

double nanoseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::nano>(duration).count();
}

void print(const std::string& host, const std::string& contender, const std::string& what,
           const std::vector<double>& samples) {
  std::cout << host << '\t' << contender << '\t' << what;
  for (const double sample : samples) std::cout << '\t' << sample;
  std::cout << '\n';
}

std::string module_file(const std::string& build) { return "build/" + build + "/edge.wasm"; }

std::shared_ptr<host::EdgeModule> load(const std::string& build, host::InstanceLimits limits) {
  auto module = host::EdgeModule::load(module_file(build), limits);
  if (!module.ok()) give_up(module.error());
  return *module;
}

template <class Edge>
std::unique_ptr<Edge> made(Result<std::unique_ptr<Edge>, std::string> edge) {
  if (!edge.ok()) give_up(edge.error());
  return std::move(*edge);
}

struct Cost {
  double decided;
  double drained;  ///< with the drain after each chunk
};

/// Nanoseconds per decision.
Cost time_chunks(Contender& contender, const Workload& workload, int chunks) {
  using Clock = std::chrono::steady_clock;
  Clock::duration deciding{};
  Clock::duration draining{};
  std::size_t next = 0;
  for (int chunk = 0; chunk < chunks; ++chunk) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < kChunk; ++i, ++next) {
      const auto policy = static_cast<std::uint32_t>(i % workload.policy_count);
      contender.serve(policy, workload.warm[next % workload.warm.size()], workload.now + 1);
    }
    const auto decided = Clock::now();
    contender.drain([](std::string_view) {});
    deciding += decided - start;
    draining += Clock::now() - decided;
  }
  const double decisions = chunks * static_cast<double>(kChunk);
  return {nanoseconds(deciding) / decisions, nanoseconds(deciding + draining) / decisions};
}

/// P7: each host serves the same requests in turn.
void measure_warm(std::deque<std::pair<std::string, Contender>>& contenders, const Workload& workload) {
  std::vector<std::vector<double>> decided(contenders.size());
  std::vector<std::vector<double>> drained(contenders.size());
  for (auto& [host, contender] : contenders) time_chunks(contender, workload, kWarmUpChunks);
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const Cost cost = time_chunks(contenders[i].second, workload, kChunks);
      decided[i].push_back(cost.decided);
      drained[i].push_back(cost.drained);
    }
  }
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    const auto& [host, contender] = contenders[i];
    print(host, contender.name(), "warm", decided[i]);
    print(host, contender.name(), "warm, drained", drained[i]);
  }
}

/// Instructions of a decision, as wasmtime counts them: by policy, and by the tag of a record instead of a header.
void count_fuel(const std::string& build, const Workload& workload) {
  const auto module = load(build, host::InstanceLimits::counting());
  auto made_edge = made(module->instantiate());
  const host::WasmtimeEdge& edge = *made_edge;
  Contender contender(build, std::move(made_edge), workload);
  const auto spend = [&](const std::string& what, const auto& serve) {
    contender.drain([](std::string_view) {});
    const std::uint64_t before = edge.fuel_used();
    for (std::size_t i = 0; i < kChunk; ++i) serve(i);
    print("wasmtime", build, what, {static_cast<double>(edge.fuel_used() - before) / kChunk});
  };
  for (std::uint32_t policy = 0; policy < workload.policy_count; ++policy) {
    spend("fuel p" + std::to_string(policy),
          [&](std::size_t i) { contender.serve(policy, workload.warm[i], workload.now + 1); });
  }
  const std::int32_t first =
      contender.of(contender.edge().check(0, contender.edge().put(workload.warm[0]), workload.now));
  contender.of(contender.edge().abandon(static_cast<std::uint32_t>(first)));
  const std::uint32_t record = contender.edge().mailbox().record;
  spend("fuel p0 known", [&](std::size_t) {
    const std::int32_t handle = contender.of(contender.edge().check_known(0, record, workload.now + 1));
    contender.of(contender.edge().finish(static_cast<std::uint32_t>(handle), 200, 0));
  });
}

/// P5 under wasmtime: compile, then instantiate.
void measure_start(const std::string& build) {
  std::vector<double> compiled;
  std::vector<double> instantiated;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const auto module = load(build, host::InstanceLimits::serving());
    const auto loaded = std::chrono::steady_clock::now();
    const auto edge = made(module->instantiate());
    instantiated.push_back(nanoseconds(std::chrono::steady_clock::now() - loaded));
    compiled.push_back(nanoseconds(loaded - start));
  }
  print("wasmtime", build, "compile", compiled);
  print("wasmtime", build, "instantiate", instantiated);
}

void run(const std::string& workload_folder) {
  const Workload workload = read_workload(workload_folder);
  std::deque<std::pair<std::string, Contender>> contenders;
  const auto enter = [&](const std::string& host, const std::string& build, std::unique_ptr<host::EdgeInstance> edge) {
    contenders.emplace_back(host, Contender(build, std::move(edge), workload));
  };
  enter("native", "linked", made(host::NativeEdge::make()));
  std::vector<std::shared_ptr<host::EdgeModule>> modules;
  for (const char* build : kBuilds) {
    modules.push_back(load(build, host::InstanceLimits::serving()));
    enter("wasmtime", build, made(modules.back()->instantiate()));
  }
  for (auto& [host, contender] : contenders) verify(contender, workload);
  measure_warm(contenders, workload);
  for (const char* build : kBuilds) count_fuel(build, workload);
  for (const char* build : kBuilds) measure_start(build);
}

}  // namespace
}  // namespace tollgate::bench

int main(int argc, char** argv) {
  if (argc != 2) tollgate::bench::give_up("usage: bench_cpp FOLDER");
  tollgate::bench::run(argv[1]);
}
