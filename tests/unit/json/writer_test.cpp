#include "json/writer.h"

#include "base/text_buffer.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace tollgate::json {
namespace {

struct StringSink {
  std::string text;
  void append(std::string_view more) { text += more; }
  void append(char c) { text += c; }
};

std::string escaped(std::string_view text) {
  StringSink sink;
  write_escaped(sink, text);
  return sink.text;
}

BOOST_AUTO_TEST_CASE(documents_are_compact_and_have_their_commas) {
  StringSink sink;
  Writer json(sink);
  json.begin_object();
  json.member("detail", "no \"x\"");
  json.key("usage");
  json.begin_array();
  json.value(3);
  json.value(-4);
  json.begin_object();
  json.end_object();
  json.begin_array();
  json.end_array();
  json.null();
  json.value(true);
  json.end_array();
  json.member("total", *Quantity::parse("0.3"));
  json.raw_member("data", "{\"a\":1}");
  json.member("last", false);
  json.end_object();
  BOOST_TEST(sink.text ==
             R"({"detail":"no \"x\"","usage":[3,-4,{},[],null,true],"total":0.3,"data":{"a":1},"last":false})");
}

BOOST_AUTO_TEST_CASE(integers_are_written_in_full) {
  for (const std::int64_t n : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{10}, INT64_MAX}) {
    StringSink sink;
    Writer json(sink);
    json.value(n);
    BOOST_TEST(sink.text == std::to_string(n));
  }
}

BOOST_AUTO_TEST_CASE(a_full_buffer_is_noticed_at_the_end) {
  char memory[12];
  TextBuffer buffer(memory);
  Writer json(buffer);
  json.begin_object();
  json.member("name", "too long for it");
  json.end_object();
  BOOST_TEST(buffer.full());
}

BOOST_AUTO_TEST_CASE(control_characters_quotes_and_backslashes_are_escaped) {
  for (int c = 0; c < 0x80; ++c) {
    const char text = static_cast<char>(c);
    std::string expected(1, text);
    if (c == '"' || c == '\\') expected = std::string("\\") + text;
    if (c < 0x20) {
      char code[7];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
      expected = code;
    }
    BOOST_TEST(escaped({&text, 1}) == expected);
  }
}

struct RepairRow {
  const char* name;
  std::string text;
  std::string written;
};
std::ostream& operator<<(std::ostream& out, const RepairRow& row) { return out << row.name; }

const RepairRow kRepairs[] = {
    {"two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xb6", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xb6"},
    {"a lone continuation", "a\x80z", "a\\ufffdz"},
    {"an overlong slash", "\xc0\xaf", "\\ufffd\\ufffd"},
    {"an overlong quote in three bytes", "\xe0\x80\xa2", "\\ufffd\\ufffd\\ufffd"},
    {"a surrogate", "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
    {"beyond U+10FFFF", "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"},
    {"cut off at the end", "a\xe2\x82", "a\\ufffd\\ufffd"},
    {"cut off by a quote", "\xe2\x82\"", "\\ufffd\\ufffd\\\""},
    {"Latin-1", "caf\xe9", "caf\\ufffd"},
    {"never in UTF-8", "\xff\xfe", "\\ufffd\\ufffd"},
};

BOOST_DATA_TEST_CASE(bytes_that_are_not_utf8_are_replaced, kRepairs, row) {
  BOOST_TEST(escaped(row.text) == row.written);
}

/// The obvious encoder: the bits of the code point, as RFC 3629 lays them out.
std::string encoded(std::uint32_t code) {
  if (code < 0x80) return {static_cast<char>(code)};
  std::string tail;
  std::uint32_t room = 0x20;  // what the lead byte can still hold
  do {
    tail.insert(tail.begin(), static_cast<char>(0x80 | (code & 0x3f)));
    code >>= 6;
    room = tail.size() == 1 ? 0x20U : room >> 1;
  } while (code >= room);
  return static_cast<char>((0xff00U >> (tail.size() + 1) & 0xff) | code) + tail;
}

BOOST_AUTO_TEST_CASE(every_code_point_is_its_own_length_and_no_other_sequence_is_any) {
  std::vector<bool> two(1U << 16);
  std::vector<bool> three(1U << 24);
  const auto index = [](std::string_view bytes) {
    std::uint32_t number = 0;
    for (char c : bytes) number = number << 8 | static_cast<std::uint8_t>(c);
    return number;
  };
  for (std::uint32_t code = 0; code <= 0x10ffff; ++code) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const std::string bytes = encoded(code);
    BOOST_REQUIRE(utf8_length(bytes) == bytes.size());
    if (bytes.size() == 2) two[index(bytes)] = true;
    if (bytes.size() == 3) three[index(bytes)] = true;
  }
  for (std::uint32_t number = 0x800000; number <= 0xffffff; ++number) {
    const char bytes[] = {static_cast<char>(number >> 16), static_cast<char>(number >> 8), static_cast<char>(number)};
    const std::size_t expected = two[number >> 8] ? 2 : three[number] ? 3 : 0;
    const std::size_t length = utf8_length({bytes, sizeof bytes});
    if (length != expected) BOOST_FAIL(std::hex << number << ": " << length << ", expected " << expected);
  }
}

BOOST_AUTO_TEST_CASE(four_byte_sequences_beyond_the_code_points_are_none) {
  for (std::uint32_t code = 0; code < 0x200000; ++code) {
    const char bytes[] = {static_cast<char>(0xf0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 0x3f)),
                          static_cast<char>(0x80 | (code >> 6 & 0x3f)), static_cast<char>(0x80 | (code & 0x3f))};
    const std::size_t expected = code >= 0x10000 && code <= 0x10ffff ? 4 : 0;
    if (utf8_length({bytes, sizeof bytes}) != expected) BOOST_FAIL(std::hex << code);
    for (std::size_t broken = 1; broken < 4; ++broken) {
      char other[4] = {bytes[0], bytes[1], bytes[2], bytes[3]};
      other[broken] = static_cast<char>(other[broken] ^ 0x40);
      if (utf8_length({other, sizeof other}) != 0) BOOST_FAIL(std::hex << code << " broken at " << broken);
    }
  }
}

}  // namespace
}  // namespace tollgate::json
