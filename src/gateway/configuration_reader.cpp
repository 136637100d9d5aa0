#include "gateway/configuration_reader.h"

#include "base/text.h"
#include "gateway/token_list.h"

namespace tollgate::gateway {
namespace {

constexpr std::size_t kMostDigits = 15;

/// The whole number that a text is; −1 where it is none.
std::int64_t whole_number(std::string_view text) {
  std::int64_t number = 0;
  if (text.empty() || text.size() > kMostDigits) return -1;
  for (const char c : text) {
    if (!is_digit(c)) return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::string shown(json::Value value) { return value.absent() ? std::string("undefined") : json::compact(value); }

}  // namespace

bool ConfigurationReader::refuse(std::string_view field, std::string_view value, std::string_view rule) {
  error_ = "config/routes.json: ";
  error_.append(where_);
  if (!field.empty()) error_.append(": ").append(field);
  error_.append(" is ").append(value).append(": must be ").append(rule);
  return false;
}

bool ConfigurationReader::refuse(std::string_view field, json::Value value, std::string_view rule) {
  return refuse(field, shown(value), rule);
}

bool ConfigurationReader::is_object(json::Value value) {
  return value.is(json::Kind::object) || refuse({}, value, "an object");
}

bool ConfigurationReader::knows(json::Value object, std::string_view known) {
  for (const json::Value member : object) {
    if (is_listed(known, member.name())) continue;
    return refuse(member.name(), member, std::string("no such field; there are ").append(known));
  }
  return true;
}

bool ConfigurationReader::read_truth(json::Value object, std::string_view field, bool& to) {
  const json::Value value = object.member(field);
  to = value.truth();
  return value.absent() || value.is(json::Kind::boolean) || refuse(field, value, "true or false");
}

bool ConfigurationReader::read_integer(json::Value object, std::string_view field, std::int64_t least,
                                       std::int64_t most, std::int64_t& to) {
  const json::Value value = object.member(field);
  if (value.absent()) return true;
  to = value.is(json::Kind::number) ? whole_number(value.text()) : -1;
  if (to >= least && to <= most) return true;
  std::string rule = "a whole number from ";
  append_number(rule, static_cast<std::uint64_t>(least));
  append_number(rule.append(" to "), static_cast<std::uint64_t>(most));
  return refuse(field, value, rule);
}

}  // namespace tollgate::gateway
