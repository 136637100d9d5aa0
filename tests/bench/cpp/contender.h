#pragma once

#include "host-bindings/common/edge_instance.h"
#include "tests/bench/cpp/give_up.h"
#include "tests/bench/cpp/workload.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::bench {

/// An instance of the edge module on one host, with all keys of the workload in its cache.
class Contender {
 public:
  Contender(std::string name, std::unique_ptr<host::EdgeInstance> edge, const Workload& workload);

  const std::string& name() const { return name_; }
  host::EdgeInstance& edge() { return *edge_; }

  /// Decides the request and ends it: `"allowed"`, or the code of the refusal.
  std::string answer(const Question& question, double now);
  /// A warm request that is let through: check with the copy of its header, and finish.
  void serve(std::uint32_t policy, const std::string& header, double now) {
    const std::int32_t handle = of(edge_->check(policy, edge_->put(header), now));
    if (handle <= 0) give_up(name_ + " refuses a request of the warm row");
    of(edge_->finish(static_cast<std::uint32_t>(handle), kOk, 0));
  }
  /// Takes all events out; each batch goes to `visit`.
  void drain(const std::function<void(std::string_view)>& visit);

  /// The answer of a call, which may not trap.
  template <class T>
  T of(const Result<T, host::Trap>& answer) const {
    if (!answer.ok()) give_up(name_ + " trapped: " + answer.error().message);
    return *answer;
  }

 private:
  static constexpr std::uint32_t kOk = 200;

  /// Goes on until there is a decision; KV and control plane have this snapshot or none.
  std::int32_t decide(const std::string& header, std::uint32_t policy, const std::optional<std::string>& snapshot,
                      double now);

  std::string name_;
  std::unique_ptr<host::EdgeInstance> edge_;
};

/// Gives the contender every question; ends the program when one answer, or the usage, is not as expected.
void verify(Contender& contender, const Workload& workload);

}  // namespace tollgate::bench
