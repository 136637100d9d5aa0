#pragma once

#include "gateway/configuration_reader.h"
#include "gateway/routes.h"

#include <optional>
#include <span>

namespace tollgate::gateway {

/// `cors` of the document or of a route.
bool read_cors(json::Value value, ConfigurationReader& reader, std::optional<Cors>& to);

/// Reads entries of `routes`.
class RouteReader {
 public:
  RouteReader(ConfigurationReader& reader, std::span<const KnownPolicy> policies)
      : reader_(reader), policies_(policies) {}

  /// `number` counts from 1.
  bool read(json::Value entry, std::size_t number, Route& route);

 private:
  bool read_path(json::Value value, Route& route);
  bool read_methods(json::Value value, Route& route);
  bool read_upstream(json::Value value, Route& route);
  bool read_policy(json::Value value, Route& route);
  bool read_meters(json::Value value, Route& route);
  bool read_meter(json::Value source, ResponseMeter& meter);
  bool read_meter_object(json::Value source, ResponseMeter& meter);
  bool read_missing(json::Value value, ResponseMeter& meter);

  ConfigurationReader& reader_;
  std::span<const KnownPolicy> policies_;
};

}  // namespace tollgate::gateway
