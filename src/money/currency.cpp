#include "money/currency.h"

namespace tollgate::money {
namespace {

struct List {
  std::uint8_t minor_digits;
  std::string_view codes;  ///< separated by blanks
};

constexpr List kLists[] = {
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
    {2,
     "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY "
     "COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
     "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR "
     "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
     "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"},
    {3, "BHD IQD JOD KWD LYD OMR TND"},
    {4, "CLF UYW"},
};

}  // namespace

std::optional<Currency> Currency::of(std::string_view code) {
  constexpr std::size_t kLength = 3;
  if (code.size() != kLength) return std::nullopt;
  for (const List& list : kLists) {
    for (std::size_t i = 0; i < list.codes.size(); i += kLength + 1) {
      if (list.codes.substr(i, kLength) == code) return Currency(code, list.minor_digits);
    }
  }
  return std::nullopt;
}

bool is_currency(std::string_view code) { return Currency::of(code).has_value(); }

}  // namespace tollgate::money
