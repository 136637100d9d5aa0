#pragma once

#include "base/quantity.h"

#include <cstdint>
#include <string_view>

namespace tollgate::json {

/// Appends `text` with JSON's escapes and without the quotes. Bytes that are not UTF-8 become U+FFFD, so that text from
/// a request can never break the document it is quoted in (S2.3).
template <class Sink>
void write_escaped(Sink& sink, std::string_view text);

/// Writes compact JSON into any sink that has `append(std::string_view)` and `append(char)` (`TextBuffer`,
/// `std::string`-backed). Commas are its business; balance is the caller's.
///
///     Writer json(sink);
///     json.begin_object();
///     json.member("detail", "…");
///     json.key("usage"); json.begin_array(); json.value(3); json.end_array();
///     json.end_object();
template <class Sink>
class Writer {
 public:
  explicit Writer(Sink& sink) : sink_(sink) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void key(std::string_view name) {
    separate();
    quoted(name);
    sink_.append(':');
    first_ = true;  // the value that follows takes no comma
  }

  void value(std::string_view text) {
    separate();
    quoted(text);
  }
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool b) { raw(b ? "true" : "false"); }
  void value(std::int64_t n);
  void value(int n) { value(static_cast<std::int64_t>(n)); }
  void value(Quantity q) {
    char text[Quantity::kMaxText];
    raw({text, q.write(text)});
  }
  void null() { raw("null"); }
  /// A value that is JSON already.
  void raw(std::string_view json) {
    separate();
    sink_.append(json);
  }

  template <class T>
  void member(std::string_view name, T v) {
    key(name);
    value(v);
  }
  void raw_member(std::string_view name, std::string_view json) {
    key(name);
    raw(json);
  }

 private:
  void separate() {
    if (!first_) sink_.append(',');
    first_ = false;
  }
  void open(char bracket) {
    separate();
    sink_.append(bracket);
    first_ = true;
  }
  void close(char bracket) {
    sink_.append(bracket);
    first_ = false;
  }
  void quoted(std::string_view text) {
    sink_.append('"');
    write_escaped(sink_, text);
    sink_.append('"');
  }

  Sink& sink_;
  bool first_ = true;
};

/// Length of the UTF-8 sequence at the front of `text` (1 to 4), or 0 where there is none: overlong forms, surrogates
/// and what lies beyond U+10FFFF are none.
constexpr std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  if ((lead == 0xe0 && at(1) < 0xa0) || (lead == 0xed && at(1) > 0x9f) || (lead == 0xf0 && at(1) < 0x90) ||
      (lead == 0xf4 && at(1) > 0x8f)) {
    return 0;
  }
  return length;
}

template <class Sink>
void write_escaped(Sink& sink, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::size_t plain = 0;  // characters at the front of `text` that stand for themselves
  const auto flush = [&](std::size_t consumed) {
    sink.append(text.substr(0, plain));
    text.remove_prefix(plain + consumed);
    plain = 0;
  };
  while (plain < text.size()) {
    const char c = text[plain];
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') [[likely]] {
      ++plain;
    } else if (c == '"' || c == '\\') {
      flush(1);
      sink.append('\\');
      sink.append(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      flush(1);
      const auto code = static_cast<unsigned char>(c);
      sink.append(std::string_view("\\u00"));
      sink.append(kHex[code >> 4]);
      sink.append(kHex[code & 15]);
    } else if (const std::size_t length = utf8_length(text.substr(plain)); length > 0) {
      plain += length;
    } else {
      flush(1);
      sink.append(std::string_view("\\ufffd"));
    }
  }
  sink.append(text);
}

template <class Sink>
void Writer<Sink>::value(std::int64_t n) {
  char reversed[20];
  std::size_t digits = 0;
  std::uint64_t rest = n < 0 ? -static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  do {
    reversed[sizeof reversed - ++digits] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  separate();
  if (n < 0) sink_.append('-');
  sink_.append(std::string_view(reversed + sizeof reversed - digits, digits));
}

}  // namespace tollgate::json
