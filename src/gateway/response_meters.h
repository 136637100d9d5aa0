#pragma once

#include "base/limits.h"
#include "gateway/fields.h"
#include "gateway/routes.h"
#include "json/scanner.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::gateway {

/// What a response said of one meter of its route.
struct MeterFinding {
  const ResponseMeter* meter = nullptr;
  Quantity amount;
  bool is_counted = false;  ///< the amount is owed: it was said, or stands in for what was not
  std::string_view fault;   ///< why it was not said; empty where it was
};

/// What a response used, as far as it said so.
struct MeterReading {
  std::vector<MeterFinding> findings;  ///< in the order of the route's meters; none of what is no success
  bool is_refused = false;             ///< a value is missing whose route refuses that

  /// The amounts as a request's meters (wasm/ABI.md, "Meters of a request"): `{"tokens":{"value":3,"replaces":false}}`;
  /// empty for none.
  std::string state() const;
};

/// Reads the meters of one response: those of its head at once, those of its body while that passes by in pieces, cut
/// anywhere. Keeps nothing of the body but the values that its paths lead to; a value that is there twice counts as it
/// was said last.
///
///     ResponseReader reader(route, status, lines);
///     for (piece : body) reader.feed(piece);
///     gate.finish(ticket, status, reader.end(true).state());
class ResponseReader {
 public:
  /// `route` outlives the reader. Only a success is expected to say what it used: of others nothing is read.
  ResponseReader(const Route& route, int status, std::span<const FieldLine> lines);

  /// Whether there is anything to be read in the body, still.
  bool wants_body() const { return wants_body_; }
  void feed(std::string_view piece);
  /// Nothing more comes. `is_whole`: the body came to its end, and was not cut off before.
  MeterReading end(bool is_whole);
  /// Whether a value is missing already that the route refuses a response for: before the body is under way.
  bool is_refused() const { return is_refused_; }

 private:
  /// What is known of one meter.
  struct Source {
    std::optional<Quantity> amount;
    bool is_found = false;  ///< something stands there, if no amount
    std::uint8_t on = 0;    ///< steps of its path that lead to where the reader is
  };

  void take(json::Scan told);
  /// A value begins inside of so many arrays and objects.
  void begin_value(std::size_t level);
  void begin_scalar();
  void append(std::string_view piece, std::size_t most);
  /// The value under way is this, or no amount.
  void settle(std::optional<Quantity> amount);
  void open(bool is_array);
  void close();
  /// Marks the paths whose step into the container at this level is one that `matches`.
  template <class Matches>
  void step(std::size_t level, Matches matches);
  std::string_view fault_of(const ResponseMeter& meter, const Source& source, bool is_whole) const;

  const Route& route_;
  std::vector<Source> sources_;  ///< in the order of the route's meters
  json::Scanner scanner_;
  /// By the number of arrays and objects around: the index of the next element, −1 in an object. No path is longer.
  std::array<std::int64_t, limits::kMaxMeterPathSteps + 1> next_index_{};
  std::string text_;       ///< of the name or value under way
  std::size_t level_ = 0;  ///< of that value
  bool is_in_scalar_ = false;
  bool is_kept_ = false;      ///< a path leads to the value under way
  bool is_too_long_ = false;  ///< the name or value under way is none of ours
  bool wants_body_ = false;
  bool is_malformed_ = false;
  bool is_refused_ = false;
};

}  // namespace tollgate::gateway
