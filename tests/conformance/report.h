#pragma once

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>

namespace tollgate::conformance {

/// How a case differs from what it should be.
struct Difference {
  std::string expected;
  std::string got;
};

/// Nothing: the case passed.
using Verdict = std::optional<Difference>;

/// Counts verdicts and prints a line for each case that fails.
class Report {
 public:
  explicit Report(std::ostream& out) : out_(out) {}

  void add(const std::string& name, const Verdict& verdict) {
    if (!verdict) {
      ++passed_;
      return;
    }
    ++failed_;
    out_ << "FAIL " << name << ": expected " << verdict->expected << ", got " << verdict->got << '\n';
  }
  void print_total() { out_ << passed_ << " passed, " << failed_ << " failed\n"; }
  bool failed() const { return failed_ > 0; }

 private:
  std::ostream& out_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace tollgate::conformance
