#include "control/usage/meter_usage.h"

#include "base/limits.h"
#include "control/catalog/meter_store.h"
#include "control/http/list.h"
#include "control/ledger/meter_answer.h"
#include "control/ledger/meter_query.h"
#include "control/ledger/query.h"
#include "control/subscription/store.h"

#include <algorithm>

namespace tollgate::control {
namespace {

/// The subscriptions whose ledgers are asked, each once: those that the query names, else all. One that is not there,
/// or more than can be asked, is refused.
std::vector<std::string> ledgers_asked(Context& context, const MeterQuery& query) {
  std::vector<std::string> ids = query.subscriptions;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (subscription_exists(context.sql, ids[i])) continue;
    context.violations.add(field_path("filterSubscription", i), "exists", "names no subscription of this bucket");
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (!ids.empty()) return ids;
  // The portal speaks for one customer: it lists no subscriptions, and gets no usage of all of them either.
  if (context.caller.role == ServiceRole::portal) {
    context.violations.add("filterSubscription", "required", "is required of the portal, and names one or more");
    return {};
  }
  const Rows rows = context.sql.query("SELECT id FROM subscriptions ORDER BY rowid LIMIT ?",
                                      static_cast<std::int64_t>(limits::kMaxLedgersPerRequest + 1));
  for (Row row : rows) ids.emplace_back(row.text(0));
  if (ids.size() > limits::kMaxLedgersPerRequest) {
    context.violations.add("filterSubscription", "required",
                           "is required in a bucket of more than " + std::to_string(limits::kMaxLedgersPerRequest) +
                               " subscriptions, and names at most as many");
  }
  return ids;
}

}  // namespace

Response query_meter(Context& context) {
  const auto meter = find_meter(context.sql, context.parameters[0]);
  if (!meter.has_value()) return context.not_found("meter");
  const MeterQuery query = read_meter_query(context.body, context.now(), *meter, context.violations);
  const std::vector<std::string> ids = ledgers_asked(context, query);
  if (!context.violations.empty()) return context.invalid_input();
  json::Text body;
  JsonWriter to(body);
  write_meter_query(to, query, *meter);
  const std::string text = body.take();
  std::vector<std::string_view> answers;
  for (const std::string& id : ids) {
    const Answer* answer = context.objects.ask_ledger(ledger_name(context, id), "/ledger/query", text);
    if (answer == nullptr) continue;
    if (const auto refusal = refused_query(context.request, answer->status); refusal.has_value()) return *refusal;
    if (answer->status == 200) answers.push_back(answer->body);
  }
  if (context.objects.waiting()) return context.objects.suspended();
  auto merged = answers.size() == ids.size() ? merge_meter_answers(query, *meter, answers) : std::nullopt;
  if (!merged.has_value()) return ledger_unavailable(context);
  return json_answer(200, std::move(*merged));
}

}  // namespace tollgate::control
