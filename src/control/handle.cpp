#include "control/handle.h"

#include "base/limits.h"
#include "control/bucket/bucket.h"
#include "control/bucket/schema.h"
#include "control/bucket/service_keys.h"
#include "control/catalog/export.h"
#include "control/http/context.h"
#include "control/ledger/ledger.h"
#include "control/ledger/schema.h"
#include "control/outbox_run.h"
#include "control/router.h"
#include "control/schedule/outbox.h"
#include "control/schedule/timers.h"
#include "control/seed.h"
#include "control/timers_run.h"

namespace tollgate::control {
namespace {

Response start(const Request& request, Sql& sql) {
  const bool current = migrate(sql, request.role == Role::bucket ? bucket_migrations() : ledger_migrations());
  if (!current) return problem(request, 500, "schema", "The database was written by a newer version of this code.");
  return no_content();
}

Response not_for_host(const Request& request) {
  return problem(request, 404, "unknown_route", "There is nothing at this path.");
}

/// The host's own requests to a bucket, all of them POST with a JSON object.
Response serve_host(const Request& request, Sql& sql, Random& random) {
  Context context(request, sql, random, read_clock(sql, request), {});
  json::Document document;
  if (!request.body.empty() && !document.parse(request.body).ok()) {
    return problem(request, 400, "malformed_json", "The body is not valid JSON.");
  }
  context.body = document.root();
  if (request.target == "/seed") return seed_bucket(context);
  if (request.target == "/catalog/export") return export_catalog(context);
  if (request.target == "/timers/run") return run_timers(context);
  if (request.target == "/timers/set-aside") return set_timer_aside(context);
  if (request.target == "/outbox/take") return take_outbox(context);
  if (request.target == "/outbox/settle") return settle_outbox(context);
  return not_for_host(request);
}

Response serve_api(const Request& request, Sql& sql, Random& random) {
  Response refusal;
  const auto caller = authenticate(request, sql, refusal);
  if (!caller.has_value()) return refusal;
  Context context(request, sql, random, read_clock(sql, request), *caller);
  Response response = perform(context);
  if (response.commits() && request.method != "GET") {
    response.next_timers = next_timers_run(context);
    const bool waits = *response.next_timers <= request.now || has_outbox(sql);
    if (response.work == Work::none && waits) response.work = Work::soon;
  }
  return response;
}

Response serve(const Request& request, Sql& sql) {
  Random random(request.seed);
  if (request.entry == Entry::api) {
    return request.role == Role::bucket && is_bucket(request.object) ? serve_api(request, sql, random)
                                                                     : not_for_host(request);
  }
  if (request.method != "POST") return not_for_host(request);
  if (request.target == "/start") return start(request, sql);
  return request.role == Role::ledger ? handle_ledger(request, sql) : serve_host(request, sql, random);
}

}  // namespace

Response handle(const Request& request, SqlPort& port) {
  TOLLGATE_ASSERT(request.seed.size() == kSeedBytes);
  Sql sql(port);
  Response response = serve(request, sql);
  if (!sql.failed()) return response;
  response = problem(request, 500, "storage", "The request could not be stored; nothing was changed.");
  response.log = std::string(sql.error());
  return response;
}

}  // namespace tollgate::control
