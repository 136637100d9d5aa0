#include "json/scanner.h"

#include "base/text.h"

namespace tollgate::json {
namespace {

constexpr std::array<std::string_view, 3> kLiterals = {"true", "false", "null"};
static_assert(limits::kMaxScanDepth % 64 == 0);

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

constexpr bool is_high_surrogate(std::uint32_t code) { return code >= 0xd800 && code < 0xdc00; }
constexpr bool is_low_surrogate(std::uint32_t code) { return code >= 0xdc00 && code < 0xe000; }

}  // namespace

Scan Scanner::fail() {
  state_ = State::failed;
  return Scan::malformed;
}

Scan Scanner::next(std::string_view& rest) {
  while (!rest.empty()) {
    Scan told = Scan::more;
    switch (state_) {
      case State::in_string: told = scan_string(rest); break;
      case State::in_escape: told = scan_escape(rest); break;
      case State::in_unicode:
      case State::in_surrogate: told = scan_unicode(rest); break;
      case State::in_number: told = scan_number(rest); break;
      case State::in_literal: told = scan_literal(rest); break;
      case State::start:
      case State::in_mark: told = scan_mark(rest); break;
      case State::failed: return Scan::malformed;
      default:
        if (is_space(rest.front())) {
          rest.remove_prefix(1);
        } else {
          told = structure(rest.front(), rest);
        }
    }
    if (told != Scan::more) return told;
  }
  return state_ == State::failed ? Scan::malformed : Scan::more;
}

Scan Scanner::end() {
  if (state_ == State::in_number && depth_ == 0 && number_may_end()) {
    state_ = State::done;
    return Scan::number_end;
  }
  return state_ == State::done ? Scan::more : fail();
}

Scan Scanner::scan_mark(std::string_view& rest) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (state_ == State::start && rest.front() != kMark.front()) {
    state_ = State::value;
    return Scan::more;
  }
  if (rest.front() != kMark[matched_]) return fail();
  rest.remove_prefix(1);
  ++matched_;
  state_ = matched_ == kMark.size() ? State::value : State::in_mark;
  if (state_ == State::value) matched_ = 0;
  return Scan::more;
}

/// Between values.
Scan Scanner::structure(char c, std::string_view& rest) {
  switch (state_) {
    case State::value: return begin_value(c, rest);
    case State::first_value: return c == ']' ? close(false, rest) : begin_value(c, rest);
    case State::first_name:
      if (c == '}') return close(true, rest);
      [[fallthrough]];
    case State::name:
      if (c != '"') return fail();
      is_name_ = true;
      state_ = State::in_string;
      break;
    case State::colon:
      if (c != ':') return fail();
      state_ = State::value;
      break;
    case State::after:
      if (c == '}' || c == ']') return close(c == '}', rest);
      if (c != ',') return fail();
      state_ = in_object() ? State::name : State::value;
      break;
    default: return fail();
  }
  rest.remove_prefix(1);
  return Scan::more;
}

Scan Scanner::begin_value(char c, std::string_view& rest) {
  if (c == '{' || c == '[') return open(c == '{', rest);
  if (c == '"') {
    is_name_ = false;
    state_ = State::in_string;
    rest.remove_prefix(1);
    return Scan::more;
  }
  if (c == '-' || is_digit(c)) {
    digit_ = c == '-' ? Digit::sign : c == '0' ? Digit::zero : Digit::integer;
    state_ = State::in_number;
    piece_ = rest.substr(0, 1);
    rest.remove_prefix(1);
    return Scan::number;
  }
  for (std::size_t i = 0; i < kLiterals.size(); ++i) {
    if (kLiterals[i].front() != c) continue;
    literal_ = static_cast<std::uint8_t>(i);
    matched_ = 0;
    state_ = State::in_literal;
    return Scan::more;
  }
  return fail();
}

Scan Scanner::open(bool is_object, std::string_view& rest) {
  if (depth_ == limits::kMaxScanDepth) return fail();
  rest.remove_prefix(1);
  const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
  std::uint64_t& word = objects_[depth_ / 64];
  word = is_object ? word | bit : word & ~bit;
  ++depth_;
  state_ = is_object ? State::first_name : State::first_value;
  return is_object ? Scan::begin_object : Scan::begin_array;
}

Scan Scanner::close(bool is_object, std::string_view& rest) {
  if (depth_ == 0 || in_object() != is_object) return fail();
  rest.remove_prefix(1);
  --depth_;
  state_ = after_value();
  return is_object ? Scan::end_object : Scan::end_array;
}

/// Whether a byte may stand in a string here, by the rules of UTF-8.
bool Scanner::takes_byte(unsigned char byte) {
  if (matched_ > 0) {
    if (byte < least_ || byte > most_) return false;
    least_ = 0x80;
    most_ = 0xbf;
    --matched_;
    return true;
  }
  if (byte < 0x80) return byte >= 0x20;
  if (byte < 0xc2 || byte > 0xf4) return false;
  matched_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  // No overlong forms, no surrogates, nothing beyond U+10FFFF.
  least_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
  most_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
  return true;
}

Scan Scanner::scan_string(std::string_view& rest) {
  std::size_t n = 0;
  for (; n < rest.size(); ++n) {
    const char c = rest[n];
    if (matched_ == 0 && (c == '"' || c == '\\')) break;
    if (!takes_byte(static_cast<unsigned char>(c))) return fail();
  }
  if (n > 0) {
    piece_ = rest.substr(0, n);
    rest.remove_prefix(n);
    return is_name_ ? Scan::name : Scan::text;
  }
  const bool ends = rest.front() == '"';
  rest.remove_prefix(1);
  if (!ends) {
    state_ = State::in_escape;
    return Scan::more;
  }
  state_ = is_name_ ? State::colon : after_value();
  return is_name_ ? Scan::name_end : Scan::text_end;
}

Scan Scanner::scan_escape(std::string_view& rest) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  const char c = rest.front();
  rest.remove_prefix(1);
  if (c == 'u') {
    code_ = 0;
    matched_ = 0;
    state_ = State::in_unicode;
    return Scan::more;
  }
  const std::size_t which = kLetters.find(c);
  if (which == std::string_view::npos) return fail();
  return tell_character(static_cast<unsigned char>(kMeant[which]));
}

/// The four digits of an escape, and, after the first half of a pair, the `\u` of its second.
Scan Scanner::scan_unicode(std::string_view& rest) {
  const char c = rest.front();
  rest.remove_prefix(1);
  if (state_ == State::in_surrogate) {
    if (c != (matched_ == 0 ? '\\' : 'u')) return fail();
    ++matched_;
    if (matched_ < 2) return Scan::more;
    matched_ = 0;
    code_ = 0;
    state_ = State::in_unicode;
    return Scan::more;
  }
  const int digit = hex_value(c);
  if (digit < 0) return fail();
  code_ = static_cast<std::uint16_t>(code_ << 4 | digit);
  if (++matched_ < 4) return Scan::more;
  matched_ = 0;
  if (surrogate_ != 0) {
    if (!is_low_surrogate(code_)) return fail();
    const std::uint32_t high = surrogate_ - 0xd800U;
    surrogate_ = 0;
    return tell_character(0x10000U + (high << 10) + (code_ - 0xdc00U));
  }
  if (is_low_surrogate(code_)) return fail();
  if (!is_high_surrogate(code_)) return tell_character(code_);
  surrogate_ = code_;
  state_ = State::in_surrogate;
  return Scan::more;
}

/// Tells a character that was escaped.
Scan Scanner::tell_character(std::uint32_t code) {
  const auto tail = [code](int shift) { return static_cast<char>(0x80U | (code >> shift & 0x3fU)); };
  std::size_t size = 1;
  if (code < 0x80) {
    decoded_ = {static_cast<char>(code)};
  } else if (code < 0x800) {
    decoded_ = {static_cast<char>(0xc0U | code >> 6), tail(0)};
    size = 2;
  } else if (code < 0x10000) {
    decoded_ = {static_cast<char>(0xe0U | code >> 12), tail(6), tail(0)};
    size = 3;
  } else {
    decoded_ = {static_cast<char>(0xf0U | code >> 18), tail(12), tail(6), tail(0)};
    size = 4;
  }
  piece_ = {decoded_.data(), size};
  state_ = State::in_string;
  return is_name_ ? Scan::name : Scan::text;
}

/// Goes on with a number by the grammar; false where the character is none of it.
bool Scanner::takes_digit(char c) {
  const bool digit = is_digit(c);
  const bool exponent = c == 'e' || c == 'E';
  switch (digit_) {
    case Digit::sign: digit_ = c == '0' ? Digit::zero : Digit::integer; return digit;
    case Digit::zero:
    case Digit::integer:
      if (digit) return digit_ == Digit::integer;
      digit_ = exponent ? Digit::exponent : Digit::point;
      return exponent || c == '.';
    case Digit::point: digit_ = Digit::fraction; return digit;
    case Digit::fraction:
      if (exponent) digit_ = Digit::exponent;
      return digit || exponent;
    case Digit::exponent:
      digit_ = digit ? Digit::exponent_digits : Digit::exponent_sign;
      return digit || c == '+' || c == '-';
    case Digit::exponent_sign: digit_ = Digit::exponent_digits; return digit;
    case Digit::exponent_digits: return digit;
  }
  return false;
}

bool Scanner::number_may_end() const {
  return digit_ == Digit::zero || digit_ == Digit::integer || digit_ == Digit::fraction ||
         digit_ == Digit::exponent_digits;
}

Scan Scanner::scan_number(std::string_view& rest) {
  std::size_t n = 0;
  for (; n < rest.size(); ++n) {
    const char c = rest[n];
    if (is_space(c) || c == ',' || c == '}' || c == ']') break;
    if (!takes_digit(c)) return fail();
  }
  if (n > 0) {
    piece_ = rest.substr(0, n);
    rest.remove_prefix(n);
    return Scan::number;
  }
  if (!number_may_end()) return fail();
  state_ = after_value();
  return Scan::number_end;
}

Scan Scanner::scan_literal(std::string_view& rest) {
  const std::string_view literal = kLiterals[literal_];
  while (!rest.empty() && matched_ < literal.size()) {
    if (rest.front() != literal[matched_]) return fail();
    rest.remove_prefix(1);
    ++matched_;
  }
  if (matched_ < literal.size()) return Scan::more;
  matched_ = 0;
  piece_ = literal;
  state_ = after_value();
  return Scan::literal;
}

}  // namespace tollgate::json
