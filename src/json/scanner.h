#pragma once

#include "base/limits.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::json {

/// What a `Scanner` came to.
enum class Scan : std::uint8_t {
  more,  ///< the end of the piece; the document goes on in the next one
  begin_object,
  end_object,
  begin_array,
  end_array,
  name,      ///< `piece()` is some of a member's name, unescaped
  name_end,  ///< the name is whole
  text,      ///< likewise of a string
  text_end,
  number,  ///< likewise of a number, as it is written
  number_end,
  literal,    ///< `piece()` is `true`, `false` or `null`
  malformed,  ///< not JSON (RFC 8259), not UTF-8, or nested deeper than `limits::kMaxScanDepth`. Nothing follows
};

/// Reads JSON that comes in pieces, cut anywhere, and keeps nothing of it but where it is: no bound on the length of
/// the document or of anything in it. Numbers stay texts; members of one name are all told.
///
///     for (std::string_view rest = piece; (what = scanner.next(rest)) != Scan::more;) { … }
///     …
///     bool is_whole = scanner.end() != Scan::malformed && scanner.done();
class Scanner {
 public:
  /// Takes what makes the next thing to tell off the front of `rest`.
  Scan next(std::string_view& rest);
  /// There is nothing after what was given so far: `number_end` of a document that is a number, `more` where nothing is
  /// left to tell, else `malformed`.
  Scan end();

  /// Valid until the next call.
  std::string_view piece() const { return piece_; }
  /// Arrays and objects that are open.
  std::size_t depth() const { return depth_; }
  /// Whether the document has ended, so that only blanks may follow.
  bool done() const { return state_ == State::done; }

 private:
  enum class State : std::uint8_t {
    start,        ///< nothing came yet
    in_mark,      ///< the byte order mark, which may stand at the start
    value,        ///< a value must come
    first_value,  ///< a value or the end of the array
    first_name,   ///< a name or the end of the object
    name,         ///< a name must come, after a comma
    colon,
    after,  ///< comma or the end of what is open
    in_string,
    in_escape,
    in_unicode,
    in_surrogate,  ///< a `\u` must come, for the second half of a pair
    in_number,
    in_literal,
    done,
    failed,
  };
  enum class Digit : std::uint8_t { sign, zero, integer, point, fraction, exponent, exponent_sign, exponent_digits };

  Scan scan_mark(std::string_view& rest);
  Scan structure(char c, std::string_view& rest);
  Scan begin_value(char c, std::string_view& rest);
  Scan open(bool is_object, std::string_view& rest);
  Scan close(bool is_object, std::string_view& rest);
  Scan scan_string(std::string_view& rest);
  Scan scan_escape(std::string_view& rest);
  Scan scan_unicode(std::string_view& rest);
  Scan scan_number(std::string_view& rest);
  Scan scan_literal(std::string_view& rest);
  Scan tell_character(std::uint32_t code);
  bool takes_byte(unsigned char byte);
  bool takes_digit(char c);
  bool number_may_end() const;
  bool in_object() const { return depth_ > 0 && (objects_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1) != 0; }
  State after_value() const { return depth_ == 0 ? State::done : State::after; }
  Scan fail();

  std::array<std::uint64_t, limits::kMaxScanDepth / 64> objects_{};  ///< which of the open ones are objects
  std::string_view piece_;
  std::uint16_t depth_ = 0;
  State state_ = State::start;
  Digit digit_ = Digit::sign;
  bool is_name_ = false;        ///< the string is a name
  std::uint8_t matched_ = 0;    ///< characters of a literal, digits of an escape, bytes of a character left to come
  std::uint8_t literal_ = 0;    ///< which one
  unsigned char least_ = 0x80;  ///< bounds of the next byte of a character
  unsigned char most_ = 0xbf;
  std::uint16_t code_ = 0;       ///< of an escape, so far
  std::uint16_t surrogate_ = 0;  ///< the first half of a pair
  std::array<char, 4> decoded_{};
};

}  // namespace tollgate::json
