#pragma once

#include "catalog/feature.h"
#include "catalog/meter.h"
#include "control/sql.h"

#include <optional>
#include <string_view>

namespace tollgate::control {

/// Where a rule of the catalog looks up what something names: the bucket as it is, or as a promotion would leave it.
class FeatureLookup {
 public:
  /// The feature in use under the key.
  virtual std::optional<catalog::Feature> feature(std::string_view key) const = 0;
  virtual std::optional<catalog::Meter> meter(std::string_view slug) const = 0;

 protected:
  ~FeatureLookup() = default;
};

/// The bucket as it is.
class StoredFeatures final : public FeatureLookup {
 public:
  explicit StoredFeatures(Sql& sql) : sql_(sql) {}
  std::optional<catalog::Feature> feature(std::string_view key) const override;
  std::optional<catalog::Meter> meter(std::string_view slug) const override;

 private:
  Sql& sql_;
};

}  // namespace tollgate::control
