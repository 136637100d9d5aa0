#include "json/document.h"

#include "base/limits.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace tollgate::json;
namespace limits = tollgate::limits;

namespace {

/// The document written again, or the name of the error.
std::string result_of(std::string_view text) {
  Document document;
  const auto parsed = document.parse(text);
  if (parsed.ok()) return compact(document.root());
  BOOST_TEST(document.root().absent());
  switch (parsed.error()) {
    case DocumentError::malformed: return "malformed";
    case DocumentError::too_deep: return "too_deep";
    case DocumentError::too_large: return "too_large";
    case DocumentError::duplicate_name: return "duplicate_name";
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(documents)

BOOST_AUTO_TEST_CASE(values_keep_what_was_written) {
  BOOST_TEST(result_of(R"( {"a" : [1, 2.50, {"b": null}], "c": "x\u00e9\n", "d": true, "e": -0.10e+3, "f": []} )") ==
             R"({"a":[1,2.50,{"b":null}],"c":"xé\u000a","d":true,"e":-0.10e+3,"f":[]})");
  BOOST_TEST(result_of("12345678901234567890.12345678901234567890") == "12345678901234567890.12345678901234567890");
  BOOST_TEST(result_of("[1e400,-1e-400]") == "[1e400,-1e-400]");
  BOOST_TEST(result_of(" 1 ") == "1");
  BOOST_TEST(result_of(R"("x")") == R"("x")");
  BOOST_TEST(result_of("false") == "false");
  BOOST_TEST(result_of("null") == "null");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused) {
  for (std::string_view text : {"",
                                " ",
                                "{",
                                "[1,]",
                                "{\"a\":1}}",
                                "{\"a\":01}",
                                "[1 2]",
                                "{\"a\" 1}",
                                "[\"\xff\"]",
                                "nul",
                                "[tru]",
                                "{\"a\":}",
                                "[1]x",
                                "[\"\\ud800\"]",
                                "[1}",
                                "{\"a\":1,}",
                                "{a:1}",
                                "[.5]",
                                "[1.]",
                                "[+1]",
                                "[-]",
                                "[1e]",
                                "['a']",
                                "[\"\n\"]",
                                "[NaN]",
                                "1 2",
                                "1]",
                                "[1x]",
                                "[1 \"a\"]",
                                "{\"a\":1 2}",
                                "// x\n1",
                                "\xef\xbb\xbf"
                                "1x"}) {
    BOOST_TEST(result_of(text) == "malformed", text);
  }
}

BOOST_AUTO_TEST_CASE(names_are_used_once) {
  BOOST_TEST(result_of(R"({"a":1,"b":{"a":2}})") == R"({"a":1,"b":{"a":2}})");
  BOOST_TEST(result_of(R"({"a":1,"b":2,"a":3})") == "duplicate_name");
  BOOST_TEST(result_of(R"({"a":1,"\u0061":3})") == "duplicate_name");
}

BOOST_AUTO_TEST_CASE(depth_and_size_are_bounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  BOOST_TEST(result_of(nested(limits::kMaxJsonDepth)) == nested(limits::kMaxJsonDepth));
  BOOST_TEST(result_of(nested(limits::kMaxJsonDepth + 1)) == "too_deep");
  BOOST_TEST(result_of(nested(100'000)) == "too_deep");
  BOOST_TEST(result_of(std::string(limits::kMaxDocumentBytes, ' ')) == "malformed");
  BOOST_TEST(result_of(std::string(limits::kMaxDocumentBytes + 1, ' ')) == "too_large");
}

BOOST_AUTO_TEST_CASE(members_and_elements_are_found) {
  Document document;
  BOOST_REQUIRE(document.parse(R"({"a":{"x":1,"y":[10,[20],30]},"b":"t"})").ok());
  const Value root = document.root();
  BOOST_TEST(root.size() == 2u);
  BOOST_TEST(root.member("a").member("y").element(2).text() == "30");
  BOOST_TEST(root.member("a").member("y").size() == 3u);
  BOOST_TEST(root.member("b").text() == "t");
  BOOST_TEST(root.member("c").absent());
  BOOST_TEST(root.member("c").member("d").element(1).absent());
  BOOST_TEST(root.member("b").member("x").absent());
  std::string names;
  for (Value member : root) names += member.name();
  BOOST_TEST(names == "ab");
  BOOST_REQUIRE(document.parse("[]").ok());
  BOOST_TEST(document.root().size() == 0u);
  BOOST_TEST(document.root().is(Kind::array));
}

BOOST_AUTO_TEST_SUITE_END()
