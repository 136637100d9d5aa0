#include "base/text.h"

#include "base/divide.h"
#include "base/text_buffer.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace tollgate {
namespace {

BOOST_AUTO_TEST_CASE(a_buffer_takes_what_fits_and_says_when_it_is_full) {
  char memory[8];
  TextBuffer buffer(memory);
  buffer.append("");
  BOOST_TEST(buffer.view().empty());
  buffer.append("abcd");
  buffer.append('e');
  BOOST_TEST(buffer.view() == "abcde");
  BOOST_TEST(!buffer.full());
  buffer.append("wxyz");
  BOOST_TEST(buffer.full());
  BOOST_TEST(buffer.view() == "abcde");
  buffer.append("fgh");
  BOOST_TEST(buffer.view() == "abcdefgh");
  BOOST_TEST(buffer.full());
  buffer.truncate(2);
  BOOST_TEST(!buffer.full());
  BOOST_TEST(buffer.view() == "ab");
  BOOST_TEST(buffer.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_buffer_of_no_size_is_full_at_once) {
  TextBuffer buffer({});
  buffer.append("");
  BOOST_TEST(!buffer.full());
  buffer.append('x');
  BOOST_TEST(buffer.full());
}

BOOST_AUTO_TEST_CASE(numbers_are_written_in_full) {
  for (const std::uint64_t n :
       {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{10}, std::uint64_t{12345}, UINT64_MAX}) {
    char memory[20];
    TextBuffer buffer(memory);
    buffer.append_unsigned(n);
    BOOST_TEST(buffer.view() == std::to_string(n));
  }
}

BOOST_AUTO_TEST_CASE(characters_are_classed_by_ascii_alone) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    BOOST_TEST(is_digit(c) == (i >= '0' && i <= '9'));
    BOOST_TEST(is_alpha(c) == ((i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z')));
    BOOST_TEST(lower(c) == static_cast<char>(i >= 'A' && i <= 'Z' ? i + 32 : i));
    BOOST_TEST(is_visible(c) == (i >= 0x21 && i <= 0x7e));
    BOOST_TEST(is_control(c) == (i < 0x20 || i == 0x7f));
  }
  std::string tokens;
  for (int i = 0; i < 256; ++i) {
    if (is_token_char(static_cast<char>(i))) tokens += static_cast<char>(i);
  }
  BOOST_TEST(tokens == "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
}

BOOST_AUTO_TEST_CASE(texts_are_compared_and_trimmed) {
  BOOST_TEST(equal_ignoring_case("Bearer", "bEARER"));
  BOOST_TEST(!equal_ignoring_case("Bearer", "Bearer "));
  BOOST_TEST(!equal_ignoring_case("@", "`"));
  BOOST_TEST(trim(" \t a b \t") == "a b");
  BOOST_TEST(trim(" \t ").empty());
  BOOST_TEST(trim("\na\r") == "\na\r");
  BOOST_TEST(is_token("x-api-key"));
  BOOST_TEST(!is_token(""));
  BOOST_TEST(!is_token("a b"));
  BOOST_TEST(has_control("a\nb"));
  BOOST_TEST(!has_control("a b"));
}

struct Division {
  int dividend;
  int divisor;
  int quotient;
  int rest;
};
std::ostream& operator<<(std::ostream& out, const Division& row) { return out << row.dividend << '/' << row.divisor; }

const Division kDivisions[] = {{7, 3, 2, 1},   {6, 3, 2, 0},   {0, 3, 0, 0},  {-1, 3, -1, 2},
                               {-3, 3, -1, 0}, {-4, 3, -2, 2}, {-7, 1, -7, 0}};

BOOST_DATA_TEST_CASE(division_rounds_towards_minus_infinity, kDivisions, row) {
  BOOST_TEST(div_floor(row.dividend, row.divisor) == row.quotient);
  BOOST_TEST(mod_floor(row.dividend, row.divisor) == row.rest);
}

}  // namespace
}  // namespace tollgate
