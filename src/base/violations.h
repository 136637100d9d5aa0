#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate {

/// One thing that is wrong with an input: which field, which rule it breaks, and a sentence for people. The three
/// members are those of `invalidParameters` (S10).
struct Violation {
  std::string field;  ///< path in the body: `phases[0].rateCards[1].price.amount`; a parameter's name in a query
  std::string rule;   ///< stable and machine-readable: `required`, `type`, `unknown_field`, `cadence_alignment`
  std::string message;
};

/// Everything that is wrong with one input, collected so that a caller sees all of it at once. A field is reported
/// once, for the first rule that it breaks: what follows from a member that could not be read is no news. Bounded by
/// `kMost`, since a body can be made of nothing but errors.
class Violations {
 public:
  static constexpr std::size_t kMost = 100;

  void add(std::string_view field, std::string_view rule, std::string_view message) {
    if (list_.size() >= kMost) return;
    for (const Violation& known : list_) {
      if (known.field == field) return;
    }
    list_.push_back({std::string(field), std::string(rule), std::string(message)});
  }

  /// Adds what is wrong with a part of the input that nothing was said of yet, one of a bounded number: all of it while
  /// there is room, and then still the first of it, so that no part that is wrong goes unnamed.
  void add_part(const Violations& part) {
    for (const Violation& violation : part.list_) {
      if (list_.size() >= kMost && &violation != &part.list_.front()) return;
      list_.push_back(violation);
    }
  }

  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  std::span<const Violation> all() const { return list_; }

 private:
  std::vector<Violation> list_;
};

/// `parent.name`, or `name` alone at the top.
inline std::string field_path(std::string_view parent, std::string_view name) {
  std::string path(parent);
  if (!path.empty()) path += '.';
  return path.append(name);
}

/// `parent[index]`.
inline std::string field_path(std::string_view parent, std::size_t index) {
  return std::string(parent).append("[").append(std::to_string(index)).append("]");
}

}  // namespace tollgate
