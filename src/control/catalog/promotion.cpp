#include "control/catalog/promotion.h"

#include "control/bucket/bucket.h"
#include "control/catalog/feature_store.h"
#include "control/catalog/promotion_comparison.h"
#include "control/http/list.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

struct PromotionInput {
  std::string_view from;
  bool dry_run = false;
};

PromotionInput read_input(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  PromotionInput input;
  if (const auto from = fields.word("from", kBuckets); from.has_value()) input.from = kBuckets[*from];
  input.dry_run = fields.optional_truth("dryRun").value_or(false);
  fields.refuse_others();
  if (input.from == context.bucket()) fields.refuse("from", "other_bucket", "must be another bucket than this one");
  return input;
}

std::vector<PlanHistory> plan_histories(Sql& sql) {
  std::vector<PlanHistory> histories;
  const Rows rows = sql.query(
      "SELECT key, max(version), max(CASE WHEN state = 'draft' THEN version END) FROM plans GROUP BY key ORDER BY key");
  for (Row row : rows) {
    PlanHistory history{std::string(row.text(0)), row.number(1), std::nullopt};
    if (!row.is_null(2)) history.draft = row.number(2);
    histories.push_back(std::move(history));
  }
  return histories;
}

void apply(Context& context, const Promotion& promotion) {
  for (const DescribedMeter& meter : promotion.new_meters) insert_meter(context, meter);
  for (const DescribedMeter& meter : promotion.changed_meters) replace_meter(context, meter);
  for (const catalog::Feature& feature : promotion.new_features) insert_feature(context, feature);
  for (const catalog::Plan& plan : promotion.plans_to_sell) {
    retire_plan(context, plan.key);
    insert_plan(context, plan, catalog::PlanState::active);
  }
  if (!promotion.settings.empty()) store_settings(context, promotion.settings);
}

void write_items(JsonWriter& to, std::string_view name, const std::vector<PromotionItem>& items) {
  to.key(name);
  to.begin_array();
  for (const PromotionItem& item : items) {
    to.begin_object();
    to.member("kind", item.kind);
    to.member("key", std::string_view(item.key));
    if (item.version.has_value()) to.member("version", *item.version);
    if (item.from_version.has_value()) to.member("fromVersion", *item.from_version);
    if (!item.detail.empty()) to.member("detail", std::string_view(item.detail));
    to.end_object();
  }
  to.end_array();
}

/// The members of the answer, without the braces.
std::string promotion_members(const Context& context, const PromotionInput& input, const Promotion& promotion) {
  json::Text text;
  JsonWriter to(text);
  to.member("from", input.from);
  to.member("to", context.bucket());
  to.member("dryRun", input.dry_run);
  write_items(to, "additions", promotion.additions);
  write_items(to, "newVersions", promotion.new_versions);
  write_items(to, "updates", promotion.updates);
  write_items(to, "unchanged", promotion.unchanged);
  write_items(to, "leftAlone", promotion.left_alone);
  write_items(to, "conflicts", promotion.conflicts);
  return text.take();
}

}  // namespace

Response promote(Context& context, ServableCheck check_servable) {
  if (!context.caller.is_operator) {
    return problem(context.request, 403, "operator_only",
                   "Promotion reads one bucket and changes another: it takes the operator's key, not a service key.");
  }
  const PromotionInput input = read_input(context);
  if (!context.violations.empty()) return context.invalid_input();
  const Answer* answer = context.objects.ask_bucket(std::string(input.from), "/catalog/export", "{}");
  if (answer == nullptr) return context.objects.suspended();
  if (answer->status == 413) {
    return problem(context.request, 413, "catalog_too_large",
                   "What " + std::string(input.from) + " sells is more than can be promoted at once.");
  }
  const auto source = answer->status == 200 ? parse_catalog(answer->body) : std::nullopt;
  if (!source.has_value()) {
    return problem(context.request, 503, "bucket_unavailable", "The other bucket did not give its catalog.");
  }
  const Promotion promotion =
      compare_catalogs(*source, read_catalog(context.sql), plan_histories(context.sql), check_servable);
  const std::string members = promotion_members(context, input, promotion);
  if (!promotion.conflicts.empty() && !input.dry_run) {
    return problem(context.request, 409, "promotion_conflict", "Nothing was promoted: see conflicts.", members);
  }
  if (!input.dry_run) apply(context, promotion);
  return json_answer(200, "{" + members + "}");
}

}  // namespace tollgate::control
