#include "tests/conformance/case_reader.h"

#include <algorithm>
#include <charconv>

namespace tollgate::conformance {

CaseReader::CaseReader(json::Value object, std::string where, Mistakes& mistakes)
    : object_(object), where_(std::move(where)), mistakes_(mistakes) {
  if (!object_.is(json::Kind::object)) mistakes_.push_back(where_ + " must be an object");
}

json::Value CaseReader::any(std::string_view name) {
  known_.push_back(name);
  return object_.member(name);
}

json::Value CaseReader::required(std::string_view name, json::Kind kind) {
  const json::Value value = any(name);
  if (value.is(kind)) return value;
  mistake(name, "must be " + std::string(json::described(kind)));
  return {};
}

std::string CaseReader::text(std::string_view name) { return std::string(required(name, json::Kind::string).text()); }

bool CaseReader::truth(std::string_view name) { return required(name, json::Kind::boolean).truth(); }

std::uint32_t CaseReader::integer(std::string_view name) {
  const std::string_view digits = required(name, json::Kind::number).text();
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) mistake(name, "must be a whole number");
  return number;
}

Instant CaseReader::instant(std::string_view name) {
  const auto instant = parse_instant(text(name));
  if (instant.ok()) return *instant;
  mistake(name, "must be an instant of RFC 3339");
  return {};
}

void CaseReader::refuse_others() {
  for (const json::Value member : object_) {
    if (std::find(known_.begin(), known_.end(), member.name()) == known_.end()) {
      mistake(member.name(), "is not in the format");
    }
  }
}

void CaseReader::mistake(std::string_view name, std::string_view what) {
  mistakes_.push_back(where_ + ": " + std::string(name) + " " + std::string(what));
}

}  // namespace tollgate::conformance
