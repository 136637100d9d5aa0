// The two readers of JSON agree on every text, however the one that reads in pieces is fed.

#include "json/scanned_document.h"

#include "base/limits.h"
#include "json/document.h"
#include "json/scanner.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace tollgate::json {
namespace {

/// What a scanner tells of a text that comes in pieces of so many bytes, by character codes that occur in no text here;
/// nothing but "!" where it is malformed.
std::string told_of(std::string_view text, std::size_t size) {
  Scanner scanner;
  std::string told;
  char last = 0;
  const auto note = [&](Scan what) {
    const char code = static_cast<char>(0x10 + static_cast<int>(what));
    const bool has_piece = what == Scan::name || what == Scan::text || what == Scan::number;
    // Where a name, a text or a number is cut is nobody's business.
    if (!has_piece || last != code) told.push_back(code);
    if (has_piece || what == Scan::literal) told.append(scanner.piece());
    last = code;
    return what != Scan::malformed;
  };
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    std::string_view rest = text.substr(0, size);
    while (!rest.empty()) {
      const Scan what = scanner.next(rest);
      if (what != Scan::more && !note(what)) return "!";
    }
  }
  while (!scanner.done()) {
    if (!note(scanner.end())) return "!";
  }
  return told;
}

const std::string kTexts[] = {
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "12.5e-3",
    "1E+9",
    "\"\"",
    "\"a\"",
    " [1 , 2 ] ",
    "{\"a\":{\"b\":[1,{}]}}",
    R"("\u00e4\ud83d\ude00\n\"\\\/\b\f\r\t")",
    "\"\xc3\xa4\xf0\x9f\x98\x80\"",
    R"({"a":1,"a":2})",
    R"({"a":1,"\u0061":2})",
    "",
    " ",
    "nul",
    "nulll",
    "truefalse",
    "tru",
    "01",
    "-",
    "1.",
    ".5",
    "1e",
    "1e+",
    "+1",
    "0x1",
    "1 2",
    "[1,]",
    "[,1]",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "[1",
    "{\"a\":1",
    "]",
    "}",
    "[}",
    "{]",
    "\"a",
    "\"a\nb\"",
    "\"\x01\"",
    "\"\\x\"",
    R"("\u12")",
    R"("\ud800")",
    R"("\ud800\u0041")",
    R"("\udc00")",
    "\"\xc3\"",
    "\"\xff\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\"\xf4\x90\x80\x80\"",
    "\xc3\xa4",
    "[1]x",
    "\xef\xbb\xbf{}",
    "\"a\"b",
    "[\"a\" \"b\"]",
    "{\"a\" 1}",
    "-a",
    "1a",
    "1-1",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(scanned_document)

BOOST_AUTO_TEST_CASE(both_readers_take_the_same_texts_for_the_same_values) {
  for (const std::string& text : kTexts) {
    Document fast;
    ScannedDocument small;
    const auto expected = fast.parse(text);
    const auto got = small.parse(text);
    BOOST_TEST(got.ok() == expected.ok(), text);
    if (got.ok() && expected.ok()) BOOST_TEST(compact(small.root()) == compact(fast.root()));
    if (!got.ok() && !expected.ok()) BOOST_TEST((got.error() == expected.error()), text);
  }
}

BOOST_AUTO_TEST_CASE(depth_is_bounded) {
  for (const std::size_t depth : {limits::kMaxJsonDepth, limits::kMaxJsonDepth + 1}) {
    const std::string text = std::string(depth, '[') + std::string(depth, ']');
    Document fast;
    ScannedDocument small;
    BOOST_TEST(small.parse(text).ok() == fast.parse(text).ok());
  }
  for (const std::size_t depth : {limits::kMaxScanDepth, limits::kMaxScanDepth + 1}) {
    const std::string text = std::string(depth, '[') + std::string(depth, ']');
    BOOST_TEST((told_of(text, 1).back() == '!') == (depth > limits::kMaxScanDepth));
  }
}

BOOST_AUTO_TEST_CASE(it_makes_no_difference_where_a_text_is_cut) {
  for (const std::string& text : kTexts) {
    for (const std::size_t size : {1U, 2U, 3U, 5U}) {
      BOOST_TEST(told_of(text, size) == told_of(text, text.size() + 1), text << " in pieces of " << size);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::json
