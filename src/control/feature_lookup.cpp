#include "control/feature_lookup.h"

#include "control/feature_store.h"
#include "control/meter_store.h"

namespace tollgate::control {

std::optional<catalog::Feature> StoredFeatures::feature(std::string_view key) const { return find_feature(sql_, key); }
std::optional<catalog::Meter> StoredFeatures::meter(std::string_view slug) const { return find_meter(sql_, slug); }

}  // namespace tollgate::control
