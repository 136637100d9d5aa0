#include "json/canonical.h"

#include <algorithm>
#include <vector>

namespace tollgate::json {
namespace {

void write_number(Writer<Text>& to, std::string_view digits) {
  const auto quantity = Quantity::parse(digits);
  quantity.ok() ? to.value(*quantity) : to.raw(digits);
}

void write_members(Writer<Text>& to, Value object) {
  std::vector<Value> members;
  members.reserve(object.size());
  for (Value member : object) members.push_back(member);
  std::sort(members.begin(), members.end(), [](Value a, Value b) { return a.name() < b.name(); });
  to.begin_object();
  for (Value member : members) {
    to.key(member.name());
    write_canonical(to, member);
  }
  to.end_object();
}

}  // namespace

void write_canonical(Writer<Text>& to, Value value) {
  switch (value.kind()) {
    case Kind::null: return to.null();
    case Kind::boolean: return to.value(value.truth());
    case Kind::number: return write_number(to, value.text());
    case Kind::string: return to.value(value.text());
    case Kind::object: return write_members(to, value);
    case Kind::array: break;
  }
  to.begin_array();
  for (Value element : value) write_canonical(to, element);
  to.end_array();
}

std::string canonical(Value value) {
  Text text;
  Writer<Text> to(text);
  write_canonical(to, value);
  return text.take();
}

}  // namespace tollgate::json
