#include "control/http/problem.h"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace tollgate;
using namespace tollgate::control;

namespace {

/// What a caller reads of an input in whose body the fields `a`, `b`, … are wrong.
std::string detail_of(int wrong) {
  const std::string seed(kSeedBytes, 's');
  Request request;
  request.target = "/v3/metering/working-copy/meters";
  request.seed = seed;
  Violations violations;
  for (int i = 0; i < wrong; ++i) violations.add(std::string(1, static_cast<char>('a' + i)), "required", "is required");
  const std::string body = invalid(request, violations).body;
  constexpr std::string_view kDetail = R"("detail":")";
  constexpr std::string_view kNext = R"(","instance")";
  const std::size_t begin = body.find(kDetail) + kDetail.size();
  return body.substr(begin, body.find(kNext) - begin);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(problems)

BOOST_AUTO_TEST_CASE(a_refused_input_tells_its_first_mistake_and_how_many_more_there_are) {
  struct Row {
    int wrong;
    std::string_view detail;
  };
  constexpr Row kRows[] = {
      {1, R"(\"a\" is required)"},
      {2, R"(\"a\" is required (and 1 more mistake))"},
      {3, R"(\"a\" is required (and 2 more mistakes))"},
      {12, R"(\"a\" is required (and 11 more mistakes))"},
  };
  for (const Row& row : kRows) BOOST_TEST(detail_of(row.wrong) == row.detail);
}

BOOST_AUTO_TEST_CASE(a_body_that_is_wrong_as_a_whole_is_called_that) {
  const std::string seed(kSeedBytes, 's');
  Request request;
  request.target = "/v3/metering/working-copy/meters";
  request.seed = seed;
  Violations violations;
  violations.add("", "type", "must be an object");
  BOOST_TEST(invalid(request, violations).body.find(R"("detail":"The body must be an object")") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
