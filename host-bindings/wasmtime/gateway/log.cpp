#include "host-bindings/wasmtime/gateway/log.h"

#include "json/text.h"
#include "json/writer.h"

#include <unistd.h>

namespace tollgate::gateway {

void log(Severity severity, std::string_view message,
         std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.member("level", severity == Severity::warn ? "warn" : "error");
  json.member("message", message);
  for (const auto& [name, value] : fields) json.member(name, value);
  json.end_object();
  text.append('\n');
  // In one piece: lines of several threads do not mix.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.view().data(), text.view().size());
}

}  // namespace tollgate::gateway
