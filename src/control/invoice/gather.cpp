#include "control/invoice/gather.h"

#include "control/catalog/meter_store.h"
#include "control/credit/store.h"
#include "control/invoice/billed_lines.h"
#include "control/usage/billed_usage.h"

#include <algorithm>
#include <utility>

namespace tollgate::control {
namespace {

using Outcome = BilledUsage::Outcome;

std::vector<billing::DueLine> due_lines(const std::vector<BilledLine>& billed) {
  std::vector<billing::DueLine> lines;
  lines.reserve(billed.size());
  for (const BilledLine& one : billed) lines.push_back(one.line);
  return lines;
}

billing::UsageNeed need_of(const billing::Subscription& subscription, const billing::DueLine& line) {
  return billing::need_of(line.card_of(subscription), line);
}

std::optional<Quantity> answer_to(const billing::UsageNeed& need, const std::vector<billing::Usage>& answers) {
  const auto found =
      std::find_if(answers.begin(), answers.end(), [&](const billing::Usage& usage) { return usage.of == need; });
  if (found == answers.end()) return std::nullopt;
  return found->quantity;
}

void gather_meter(Sql& sql, const billing::DueLine& line, invoice::InvoiceInput& input) {
  const catalog::RateCard& card = line.card_of(input.subscription);
  const auto is_of_card = [&](const invoice::CountingMeter& meter) { return meter.feature_key == *card.feature_key; };
  if (card.type != catalog::RateCardType::usage_based) return;
  if (std::any_of(input.meters.begin(), input.meters.end(), is_of_card)) return;
  if (auto meter = meter_of_feature(sql, *card.feature_key); meter.has_value()) {
    input.meters.push_back({*card.feature_key, std::move(meter->slug)});
  }
}

}  // namespace

void gather_meters(Sql& sql, invoice::InvoiceInput& input) {
  for (const billing::DueLine& line : input.due) gather_meter(sql, line, input);
  for (const invoice::ComparedUsage& usage : input.compared) {
    if (usage.changed()) gather_meter(sql, usage.line, input);
  }
}

Invoicing gather_upcoming(Context& context, const StoredSubscription& subscription, Instant at,
                          invoice::InvoiceInput& input) {
  input.subscription = billing_view(subscription);
  if (auto due = billing::lines_due(input.subscription, at, {at.ms + 1}); due.ok()) {
    input.due = not_billed(context.sql, subscription, std::move(*due));
  }
  const std::vector<BilledLine> billed = usage_to_check(context.sql, subscription);
  BilledUsage usage(context, subscription.id);
  usage.ask(billing::usages_needed(input.subscription, input.due));
  BilledUsage late(context, subscription.id);
  late.ask(billing::usages_needed(input.subscription, due_lines(billed)));
  if (context.objects.waiting()) return Invoicing::waiting;
  if (usage.outcome() == Outcome::unavailable || late.outcome() == Outcome::unavailable) return Invoicing::unavailable;
  input.usage_overflow = usage.outcome() == Outcome::overflow;
  input.usages = usage.answers();
  for (const BilledLine& one : billed) {
    // What cannot be asked for is looked at all the same, so that it is not looked at for ever.
    const auto all = answer_to(need_of(input.subscription, one.line), late.answers());
    input.compared.push_back({one.line, *one.usage, all.value_or(*one.usage)});
  }
  gather_meters(context.sql, input);
  input.credits = credits_of(context.sql, subscription);
  return Invoicing::done;
}

invoice::InvoiceInput gather_pack(Context& context, const StoredSubscription& subscription,
                                  const StoredSubscription& bought) {
  invoice::InvoiceInput input;
  input.subscription = billing_view(bought);
  input.is_of_pack = true;
  if (auto due = billing::lines_due(input.subscription, context.now(), {context.now().ms + 1}); due.ok()) {
    input.due = std::move(*due);
  }
  if (input.due.empty()) return input;
  gather_meters(context.sql, input);
  input.credits.carried = credits_of(context.sql, subscription).carried;
  return input;
}

Invoicing gather_again(Context& context, const StoredSubscription& subscription, const StoredInvoice& invoice,
                       invoice::InvoiceInput& input) {
  input.subscription = billing_view(subscription);
  const std::vector<invoice::DrawnLine> lines = lines_of(context.sql, invoice);
  std::vector<billing::DueLine> asked;
  for (const BilledLine& billed : billed_lines_of(context.sql, subscription, invoice.id)) {
    const auto usage = invoice::usage_on(lines, invoice::LineKey::of(billed.line));
    const bool is_corrected = usage.has_value() && usage != billed.usage;
    if (is_corrected) input.usages.push_back({need_of(input.subscription, billed.line), *usage});
    input.due.push_back(billed.line);
    (is_corrected ? input.corrected : asked).push_back(billed.line);
  }
  for (const invoice::DrawnLine& line : lines) {
    const bool is_of_pack = line.kind == invoice::LineKind::fee && !line.key.has_value();
    if (line.kind == invoice::LineKind::late_usage || is_of_pack) input.kept.push_back(line);
  }
  BilledUsage usage(context, subscription.id);
  usage.ask(billing::usages_needed(input.subscription, asked));
  if (context.objects.waiting()) return Invoicing::waiting;
  if (usage.outcome() == Outcome::unavailable) return Invoicing::unavailable;
  input.usage_overflow = usage.outcome() == Outcome::overflow;
  for (const billing::Usage& answer : usage.answers()) input.usages.push_back(answer);
  gather_meters(context.sql, input);
  return Invoicing::done;
}

}  // namespace tollgate::control
