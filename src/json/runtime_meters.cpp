#include "json/runtime_meters.h"

#include "json/writer.h"

namespace tollgate::json {
namespace {

using simdjson::SUCCESS;

constexpr std::string_view kMalformed = "the meters must be an object of meter keys and numbers";

class MeterReader {
 public:
  MeterReader(NameTable& names, RuntimeMeters& meters, TextBuffer& problem)
      : names_(names), meters_(meters), problem_(problem) {}

  bool fault(std::string_view sentence) {
    problem_.append(sentence);
    return false;
  }

  /// `{key: {"value": number, "replaces": bool}}`
  template <class Object>
  bool read_state(Object&& value) {
    return each(value, [&](NameId name, ondemand::value& entry) {
      Quantity quantity;
      bool replaces = false;
      ondemand::object object;
      if (entry.get_object().get(object) != SUCCESS) return fault(kMalformed);
      ondemand::value member;
      if (object.find_field("value").get(member) != SUCCESS || !read(member, quantity) || quantity.negative()) {
        return fault(kMalformed);
      }
      if (object.find_field("replaces").get_bool().get(replaces) != SUCCESS) return fault(kMalformed);
      return put(name, quantity, replaces);
    });
  }

  /// `{key: number}`
  bool read_change(ondemand::value& value, bool replaces) {
    return each(value, [&](NameId name, ondemand::value& entry) {
      Quantity quantity;
      std::string_view token = token_of(entry);
      if (!read(entry, quantity) || quantity.negative()) {
        return meter_fault(name, token,
                           "must be a number, finite, at least 0, below 10^18, with up to 9 fractional digits");
      }
      return put(name, quantity, replaces);
    });
  }

 private:
  template <class Object, class Visit>
  bool each(Object&& value, Visit visit) {
    ondemand::object object;
    if (value.get_object().get(object) != SUCCESS) return fault(kMalformed);
    for (auto entry : object) {
      ondemand::field field;
      std::string_view key;
      if (!take_member(std::move(entry), field, key)) return fault(kMalformed);
      if (!is_meter_key(key)) return fault("each meter key must have 1 to 64 bytes and no control characters");
      const int name = names_.intern(key);
      if (name < 0) return fault("one instance must meter at most 256 different keys");
      if (!visit(static_cast<NameId>(name), field.value())) return false;
    }
    return true;
  }

  bool put(NameId name, Quantity quantity, bool replaces) {
    if (meters_.add(name, quantity, replaces)) return true;
    return meter_fault(name, {}, "one request must set at most 16 meters, each to less than 10^18 in all");
  }

  bool meter_fault(NameId name, std::string_view token, std::string_view rule) {
    problem_.append("meter \"");
    write_escaped(problem_, names_.view(name));
    problem_.append("\": ");
    if (!token.empty()) {
      problem_.append(token.substr(0, 64));
      problem_.append(": ");
    }
    return fault(rule);
  }

  NameTable& names_;
  RuntimeMeters& meters_;
  TextBuffer& problem_;
};

}  // namespace

bool read_runtime_meters(Reader& reader, const char* text, std::size_t length, NameTable& names, RuntimeMeters& meters,
                         TextBuffer& problem) {
  MeterReader reading(names, meters, problem);
  ondemand::document document;
  if (reader.open(text, length, document) != SUCCESS) return reading.fault(kMalformed);
  return reading.read_state(document) && (document.at_end() || reading.fault(kMalformed));
}

bool apply_meter_change(Reader& reader, const char* text, std::size_t length, NameTable& names, RuntimeMeters& meters,
                        TextBuffer& problem) {
  MeterReader reading(names, meters, problem);
  ondemand::document document;
  ondemand::object object;
  if (reader.open(text, length, document) != SUCCESS || document.get_object().get(object) != SUCCESS) {
    return reading.fault(kMalformed);
  }
  bool changed = false;
  for (auto member : object) {
    ondemand::field field;
    std::string_view key;
    bool null = false;
    if (!take_member(std::move(member), field, key) || field.value().is_null().get(null) != SUCCESS || changed) {
      return reading.fault(kMalformed);
    }
    if (key == "state") {
      if (!null && !reading.read_state(field.value())) return false;
    } else if (key == "set" || key == "add") {
      changed = true;
      if (key == "set") meters.count = 0;  // the whole map is replaced
      if (!reading.read_change(field.value(), key == "set")) return false;
    } else {
      return reading.fault(kMalformed);
    }
  }
  return (changed && document.at_end()) || reading.fault(kMalformed);
}

void write_runtime_meters(const RuntimeMeters& meters, const NameTable& names, TextBuffer& to) {
  Writer json(to);
  json.begin_object();
  for (const RuntimeMeter& meter : meters.view()) {
    json.key(names.view(meter.name));
    json.begin_object();
    json.member("value", meter.value);
    json.member("replaces", meter.replaces);
    json.end_object();
  }
  json.end_object();
}

}  // namespace tollgate::json
