#include "invoice/purse.h"

#include "money/text.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace tollgate;
using namespace tollgate::invoice;

namespace {

using List = std::vector<std::string>;

const money::Currency kCurrency = money::Currency::of("USD").value();

money::Amount cents(std::int64_t units) { return money::Amount::minor(units, kCurrency); }

/// Of 10.00, of which 4.00 remain, and of 2.50.
CreditPurse two_credits() {
  return CreditPurse({{"older", CreditKind::change, cents(1000), cents(400), "{}"},
                      {"newer", CreditKind::change, cents(250), cents(250), "{}"}},
                     kCurrency);
}

/// `id used` of each.
List told(const std::vector<CreditUse>& uses) {
  List list;
  for (const CreditUse& use : uses) list.push_back(use.credit.id + " " + amount_text(use.used));
  return list;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(credit_purses)

BOOST_AUTO_TEST_CASE(the_oldest_credit_is_used_first) {
  CreditPurse purse = two_credits();
  BOOST_TEST((purse.left() == cents(650)));
  BOOST_TEST(told(purse.take(cents(150))) == List{"older 1.50"}, boost::test_tools::per_element());
  const List rest{"older 2.50", "newer 0.01"};
  BOOST_TEST(told(purse.take(cents(251))) == rest, boost::test_tools::per_element());
  BOOST_TEST((purse.left() == cents(249)));
}

BOOST_AUTO_TEST_CASE(what_was_taken_is_told_once_for_each_credit) {
  CreditPurse purse = two_credits();
  BOOST_TEST(purse.used().empty());
  purse.take(cents(100));
  purse.take(cents(100));
  BOOST_TEST(told(purse.used()) == List{"older 2.00"}, boost::test_tools::per_element());
  purse.take(purse.left());
  const List all{"older 4.00", "newer 2.50"};
  BOOST_TEST(told(purse.used()) == all, boost::test_tools::per_element());
  BOOST_TEST(purse.left().zero());
}

BOOST_AUTO_TEST_CASE(nothing_is_taken_for_nothing) {
  CreditPurse purse({}, kCurrency);
  BOOST_TEST(purse.left().zero());
  BOOST_TEST(purse.take(cents(0)).empty());
  BOOST_TEST(purse.used().empty());
}

BOOST_AUTO_TEST_SUITE_END()
