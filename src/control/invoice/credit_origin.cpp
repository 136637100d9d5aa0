#include "control/invoice/credit_origin.h"

#include "control/catalog/meter_store.h"
#include "invoice/origin.h"

namespace tollgate::control {
namespace {

invoice::CountedQuota counted(Sql& sql, const Quota& quota) {
  const auto meter = meter_of_feature(sql, quota.feature_key);
  return {quota.feature_key, meter.has_value() ? std::optional(meter->slug) : std::nullopt, quota.use, quota.periods};
}

invoice::ReturnedFee returned(const catalog::Phase& phase, const billing::FeeCredit& fee) {
  return {phase.key,  phase.rate_cards[fee.card].key,          fee.fee,
          fee.period, invoice::ToldConsumed::of(fee.consumed), fee.credit};
}

}  // namespace

std::string change_origin(Sql& sql, const StoredSubscription& previous, Instant at, const billing::ChangeCredit& credit,
                          std::span<const Quota> quotas) {
  invoice::ChangeOrigin origin{previous.id, at, {}, {}};
  const catalog::Phase& phase = previous.plan.plan.phases[credit.phase];
  for (const billing::FeeCredit& fee : credit.fees) origin.fees.push_back(returned(phase, fee));
  if (credit.consumed.quota.has_value()) origin.quota = counted(sql, quotas[credit.consumed.quota_index]);
  return invoice::origin_text(origin);
}

std::string carried_origin(const StoredInvoice& invoice) {
  TOLLGATE_ASSERT(invoice.number.has_value());
  return invoice::origin_text(invoice::CarriedOrigin{invoice.id, *invoice.number});
}

}  // namespace tollgate::control
