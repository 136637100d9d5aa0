// Counts what a decision costs under wasmtime and holds it to fuel.json:
//   fuel [--update] [--unrecorded FILE]... NAME=FILE...
//
// Fuel is deterministic, so this is no measurement: a number changes when the module's code does. README.md says what
// is counted and when to update.

#include "host-bindings/common/gate.h"
#include "host-bindings/wasmtime/wasmtime_edge.h"
#include "json/document.h"

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace tollgate;

constexpr double kTolerance = 0.03;  // P7
constexpr double kNow = 1'768'471'200'000;
constexpr int kRepeats = 100;
constexpr const char* kRecorded = "tests/bench/fuel.json";
constexpr const char* kWorkload = "tests/bench/fuel/workload.json";

/// Fuel of each step, by its name.
using Costs = std::map<std::string, std::uint64_t>;

[[noreturn]] void give_up(const std::string& message) {
  std::cerr << "fuel: " << message << '\n';
  std::exit(2);
}

json::Document read_json(const char* file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  json::Document document;
  if (!in || !document.parse(text).ok()) give_up(std::string("cannot read ") + file);
  return document;
}

template <class T>
T of(const Result<T, host::Trap>& answer) {
  if (!answer.ok()) give_up("the module trapped: " + answer.error().message);
  return *answer;
}

/// Costs count only where the answer is right.
void require(bool right, const char* what) {
  if (!right) give_up(std::string("not ") + what);
}

/// One instance of the module, configured.
std::unique_ptr<host::WasmtimeEdge> start(host::EdgeModule& module, json::Value policies) {
  auto made = module.instantiate();
  if (!made.ok()) give_up(made.error());
  auto edge = std::move(*made);
  edge->put(std::string(host::Seed{}.size(), '\1'));
  require(of(edge->init()) == 0, "initialised");
  require(of(edge->configure(edge->put(json::compact(policies)), TG_KEY_ANY)) == 1, "configured");
  return edge;
}

/// A key, its snapshot, and whether a request with it is let through.
struct Caller {
  std::string header;
  std::string snapshot;
  bool allowed;
};

Caller caller(json::Value value, bool allowed) {
  return {"Bearer " + std::string(value.member("key").text()), json::compact(value.member("snapshot")), allowed};
}

/// Fuel of the call that hands a snapshot over and decides the request that waited for it.
std::uint64_t cold_decode(host::WasmtimeEdge& edge, const Caller& caller) {
  require(of(edge.check(0, edge.put(caller.header), kNow)) == 0, "suspended");
  require(of(edge.resume(edge.mailbox().handle, 404, 0, kNow, kNow)) == 0, "suspended");
  const std::uint32_t handle = edge.mailbox().handle;
  const std::uint64_t before = edge.fuel_used();
  const std::int32_t result = of(edge.resume(handle, 200, edge.put(caller.snapshot), kNow, kNow));
  const std::uint64_t cost = edge.fuel_used() - before;
  require((result > 0) == caller.allowed, "decided as it should be");
  if (result > 0) of(edge.abandon(static_cast<std::uint32_t>(result)));
  return cost;
}

/// Fuel of the decision on a known key, with its end where it is allowed.
std::uint64_t warm(host::WasmtimeEdge& edge, const Caller& caller) {
  const std::uint64_t before = edge.fuel_used();
  const std::int32_t result = of(edge.check(0, edge.put(caller.header), kNow));
  require((result > 0) == caller.allowed, "decided as it should be");
  if (result > 0) require(of(edge.finish(static_cast<std::uint32_t>(result), 200, 0)) == 1, "metered");
  return edge.fuel_used() - before;
}

std::uint64_t warm_average(host::WasmtimeEdge& edge, const Caller& caller) {
  warm(edge, caller);  // the first request of a minute makes an event, the others add to it
  std::uint64_t sum = 0;
  for (int i = 0; i < kRepeats; ++i) sum += warm(edge, caller);
  return sum / kRepeats;
}

Costs count(const std::string& file, json::Value workload) {
  const auto module = host::EdgeModule::load(file, host::InstanceLimits::counting());
  if (!module.ok()) give_up(module.error());
  const auto edge = start(**module, workload.member("policies"));
  const Caller allowed = caller(workload.member("allowed"), true);
  const Caller spent = caller(workload.member("spent"), false);
  Costs costs;
  costs["coldDecode"] = cold_decode(*edge, allowed);
  costs["warmAllow"] = warm_average(*edge, allowed);
  cold_decode(*edge, spent);
  costs["warmDeny"] = warm_average(*edge, spent);
  return costs;
}

/// Prints each cost beside what is recorded; returns how many are not within the tolerance.
int compare(const std::string& name, const Costs& costs, json::Value recorded) {
  int failed = 0;
  for (const auto& [step, cost] : costs) {
    const double before = std::atof(std::string(recorded.member(step).text()).c_str());
    const double change = before > 0 ? static_cast<double>(cost) / before - 1 : 1;
    const bool within = std::fabs(change) <= kTolerance;
    std::cout << (within ? "" : "FAIL ") << name << ' ' << step << ": " << cost << ", recorded " << before << " ("
              << std::showpos << std::round(change * 1000) / 10 << std::noshowpos << " %)\n";
    failed += within ? 0 : 1;
  }
  return failed;
}

void record(const std::map<std::string, Costs>& all) {
  std::ofstream out(kRecorded);
  const char* between_modules = "{\n";
  for (const auto& [name, costs] : all) {
    out << between_modules << "  \"" << name << "\": { ";
    const char* between_costs = "";
    for (const auto& [step, cost] : costs) {
      out << between_costs << '"' << step << "\": " << cost;
      between_costs = ", ";
    }
    out << " }";
    between_modules = ",\n";
  }
  out << "\n}\n";
}

}  // namespace

int main(int argc, char** argv) {
  bool update = false;
  std::vector<std::string> unrecorded;
  std::vector<std::string> modules;
  CLI::App app("Fuel of a decision under wasmtime");
  app.add_flag("--update", update, std::string("Record the numbers in ") + kRecorded);
  app.add_option("--unrecorded", unrecorded, "A module to count without comparing")->allow_extra_args(false);
  app.add_option("modules", modules, "NAME=FILE of each build");
  CLI11_PARSE(app, argc, argv);

  const json::Document workload = read_json(kWorkload);
  std::map<std::string, Costs> all;
  for (const std::string& module : modules) {
    const std::size_t equals = module.find('=');
    if (equals == std::string::npos) give_up("a module is given as NAME=FILE, not " + module);
    all[module.substr(0, equals)] = count(module.substr(equals + 1), workload.root());
  }
  if (update) {
    record(all);
    return 0;
  }
  const json::Document recorded = read_json(kRecorded);
  int failed = 0;
  int counted = 0;
  for (const std::string& file : unrecorded) {
    for (const auto& [step, cost] : count(file, workload.root())) {
      std::cout << file << ' ' << step << ": " << cost << '\n';
      ++counted;
    }
  }
  for (const auto& [name, costs] : all) {
    failed += compare(name, costs, recorded.root().member(name));
    counted += static_cast<int>(costs.size());
  }
  if (failed > 0) std::cout << "If the change is meant: tests/bench/fuel/guard --update\n";
  std::cout << counted - failed << " passed, " << failed << " failed\n";
  return failed > 0 ? 1 : 0;
}
