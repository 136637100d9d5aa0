#include "gateway/field_edits.h"

namespace tollgate::gateway {

void FieldEdits::add(char kind, std::string_view name, std::string_view value) {
  text_.push_back(kind);
  text_.append(name);
  if (kind != '-') text_.append(": ").append(value);
  text_.push_back('\n');
  ++size_;
}

}  // namespace tollgate::gateway
