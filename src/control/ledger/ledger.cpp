#include "control/ledger/ledger.h"

#include "control/http/problem.h"
#include "control/ledger/ingest.h"
#include "control/ledger/query.h"

namespace tollgate::control {
namespace {

struct Route {
  std::string_view target;
  Response (*handle)(const Request&, Sql&, json::Value body);
};

constexpr Route kRoutes[] = {
    {"/ledger/ingest", handle_ingest},
    {"/ledger/query", handle_query},
    {"/ledger/usage", handle_usage},
};

Response refuse_method(const Request& request) {
  Response response = problem(request, 405, "method_not_allowed", "This is only for POST.");
  response.headers.emplace_back("allow", "POST");
  return response;
}

}  // namespace

Response handle_ledger(const Request& request, Sql& sql) {
  for (const Route& route : kRoutes) {
    if (route.target != request.target) continue;
    if (request.method != "POST") return refuse_method(request);
    json::Document document;
    if (!document.parse(request.body).ok()) return problem(request, 400, "malformed_json", "The body is not JSON.");
    return route.handle(request, sql, document.root());
  }
  return problem(request, 404, "not_found", "A ledger has no such resource.");
}

}  // namespace tollgate::control
