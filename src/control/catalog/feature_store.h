#pragma once

#include "catalog/feature.h"
#include "catalog/meter.h"
#include "control/http/context.h"
#include "control/http/list.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// Reads a body that creates a feature; that its meter is there is for `check_feature` to say.
catalog::Feature read_feature(json::Value body, Violations& violations);
/// Writes the same members into an object that is open.
void write_feature_members(JsonWriter& to, const catalog::Feature& feature);
/// Refuses a feature whose meter is not there.
void check_feature(const FeatureLookup& lookup, const catalog::Feature& feature, Violations& violations);

/// The feature that is in use under a key, not archived.
std::optional<catalog::Feature> find_feature(Sql& sql, std::string_view key);
/// The same, archived ones too: what a published plan means by a key. The newest counts.
std::optional<catalog::Feature> find_feature_ever(Sql& sql, std::string_view key);
std::vector<catalog::Feature> features_in_use(Sql& sql);
/// Of a row that begins with the columns key, name, meter_slug, metadata.
catalog::Feature feature_from(Row row);

/// Adds a feature whose key no other in use has; its id.
std::string insert_feature(Context& context, const catalog::Feature& feature);

}  // namespace tollgate::control
