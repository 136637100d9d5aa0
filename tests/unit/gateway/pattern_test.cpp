// Which patterns have a path in common: what keeps an open route from covering a guarded one.

#include "gateway/pattern.h"

#include <boost/test/unit_test.hpp>

namespace tollgate::gateway {

BOOST_AUTO_TEST_SUITE(patterns)

BOOST_AUTO_TEST_CASE(patterns_overlap_where_a_path_fits_both) {
  const struct {
    const char* one;
    const char* other;
    bool overlap;
  } rows[] = {
      {"/", "/", true},         {"/", "/*", true},         {"/", "/a", false},         {"/", "/{x}", false},
      {"/a", "/a", true},       {"/a", "/A", true},        {"/a", "/b", false},        {"/a", "/{x}", true},
      {"/a", "/*", true},       {"/a", "/a/*", false},     {"/a", "/a/b", false},      {"/a/b", "/a/*", true},
      {"/a/b", "/{x}/b", true}, {"/a/b", "/{x}/c", false}, {"/{x}/b", "/a/{y}", true}, {"/a/*", "/b/*", false},
      {"/a/*", "/*", true},     {"/a/*", "/a/b/*", true},  {"/a/b/c", "/a/*", true},   {"/a/{x}/*", "/a/b", false},
      {"/*", "/*", true},       {"/%7ea", "/~a", true},
  };
  for (const auto& [one, other, expected] : rows) {
    const auto a = parse_pattern(one);
    const auto b = parse_pattern(other);
    BOOST_REQUIRE((a.has_value() && b.has_value()));
    BOOST_TEST(overlap(*a, *b) == expected, one << " and " << other);
    BOOST_TEST(overlap(*b, *a) == expected, other << " and " << one);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::gateway
