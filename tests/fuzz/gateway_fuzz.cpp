#include "base/assert.h"
#include "base/limits.h"
#include "base/text.h"
#include "gateway/cors.h"
#include "gateway/fields.h"
#include "gateway/path.h"
#include "gateway/response_meters.h"
#include "gateway/router.h"
#include "json/document.h"
#include "json/scanned_document.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Any bytes as everything that a gateway is sent: by the first of them a path, names of fields, a routes.json, or a
/// body cut anywhere. A normal path is normal; no guarded path is reached through an open route in any spelling; what
/// is read of a body does not depend on how it is cut; the two readers of JSON agree.
namespace tollgate::gateway {
namespace {

constexpr std::string_view kRoutes = R"({"routes":[
  {"path":"/todos","methods":["GET"],"upstream":"service:UP","policies":["p"],
   "responseMeters":{"a":"$.a","b":"$.b[1].c","c":"$['x y']"}},
  {"path":"/raw/*","methods":["*"],"upstream":"https://api.example.com/v1","policies":["p"],"rawPath":true},
  {"path":"/*","methods":["*"],"upstream":"service:UP","policies":[],"open":true}],
  "cors":{"origins":["https://app.example.com"]}})";

const Routes& routes() {
  static const KnownPolicy kPolicy{"p", "authorization"};
  static const auto read = read_routes(kRoutes, {&kPolicy, 1});
  TOLLGATE_ASSERT(read.ok());
  return *read;
}

void check_path(std::string_view raw) {
  static const Router router(routes());
  const auto normal = normalise(raw);
  TOLLGATE_ASSERT(normal.has_value() == raw.starts_with('/'));
  const Match match = router.match("GET", raw);
  if (!normal) {
    TOLLGATE_ASSERT(match.outcome == Match::Outcome::ambiguous_path);
    return;
  }
  TOLLGATE_ASSERT(normalise(normal->path)->path == normal->path);
  TOLLGATE_ASSERT(normal->path.find("//") == std::string::npos && normal->path.find("/../") == std::string::npos);
  for (const char c : normal->path) TOLLGATE_ASSERT(is_visible(c));
  if (match.route == nullptr || match.route->policy >= 0) return;
  // An open route: whatever a server behind does to the path short of decoding it twice, it is not the guarded one.
  std::string loose = lower_case(folded(match.path));
  while (loose.size() > 1 && loose.back() == '/') loose.pop_back();
  TOLLGATE_ASSERT(!normal->is_ambiguous && loose != "/todos");
}

void check_fields(std::string_view text) {
  const Route& route = routes().routes[0];
  const std::string_view connection = take_part(text, '\n');
  std::vector<std::string_view> names;
  std::vector<FieldLine> lines;
  while (!text.empty()) {
    std::string_view line = take_part(text, '\n');
    names.push_back(line);
    const std::string_view name = take_part(line, ':');
    lines.push_back({name, line});
  }
  const FieldEdits edits = request_fields(route, connection, names);
  for (const std::string_view name : names) {
    std::string folded_name = lower_case(name);
    std::replace(folded_name.begin(), folded_name.end(), '_', '-');
    if (!folded_name.starts_with("x-tollgate-") && folded_name != "authorization") continue;
    TOLLGATE_ASSERT(edits.text().find("-" + lower_case(name) + "\n") != std::string::npos);
  }
  static_cast<void>(response_fields(routes(), routes().routes[1], connection, lines));
}

std::string read_in_pieces(std::string_view body, std::size_t size) {
  ResponseReader reader(routes().routes[0], 200, {});
  for (std::size_t at = 0; at < body.size(); at += size) reader.feed(body.substr(at, size));
  const MeterReading reading = reader.end(true);
  std::string result = reading.state();
  for (const MeterFinding& finding : reading.findings) result.append(finding.meter->meter).append(finding.fault);
  return result;
}

void check_body(std::string_view body) {
  const std::string whole = read_in_pieces(body, body.size() + 1);
  for (const std::size_t size : {1U, 2U, 3U, 7U, 64U}) TOLLGATE_ASSERT(read_in_pieces(body, size) == whole);
  json::Document fast;
  json::ScannedDocument small;
  const auto expected = fast.parse(body);
  const auto got = small.parse(body);
  TOLLGATE_ASSERT(expected.ok() == got.ok());
  if (got.ok()) TOLLGATE_ASSERT(json::compact(small.root()) == json::compact(fast.root()));
}

void check_routes(std::string_view text) {
  static const KnownPolicy kPolicy{"p", "authorization"};
  const auto read = read_routes(text, {&kPolicy, 1});
  if (!read.ok()) {
    TOLLGATE_ASSERT(read.error().starts_with("config/routes.json"));
    return;
  }
  const Router router(*read);
  for (const Route& route : read->routes) {
    if (!route.pattern.is_literal()) continue;
    const Match match = router.match(
        trim(std::string_view(route.methods.text()).substr(0, route.methods.text().find(','))), route.path);
    TOLLGATE_ASSERT(match.outcome == Match::Outcome::route);
  }
}

}  // namespace
}  // namespace tollgate::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  switch (bytes[0]) {
    case 'p': tollgate::gateway::check_path(text); break;
    case 'f': tollgate::gateway::check_fields(text); break;
    case 'r': tollgate::gateway::check_routes(text); break;
    default: tollgate::gateway::check_body(text);
  }
  return 0;
}
