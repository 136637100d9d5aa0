#include "json/violations.h"

#include "json/text.h"
#include "json/writer.h"

namespace tollgate::json {

std::string violations_text(const Violations& violations) {
  Text text;
  Writer<Text> to(text);
  to.begin_array();
  for (const Violation& violation : violations.all()) {
    to.begin_object();
    to.member("field", std::string_view(violation.field));
    to.member("rule", std::string_view(violation.rule));
    to.member("message", std::string_view(violation.message));
    to.end_object();
  }
  to.end_array();
  return text.take();
}

}  // namespace tollgate::json
