#pragma once

#include "host-bindings/wasmtime/control/control_host.h"
#include "json/document.h"
#include "tests/unit/serve/scratch_folder.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tollgate::test {

/// The control plane under wasmtime over files, without its pump. The tests run in the root of the checkout.
class Control {
 public:
  struct Options {
    std::size_t open_ledgers = 128;
    std::string seed = {};
  };

  explicit Control(const std::filesystem::path& folder, const Options& options = {128, {}});

  control::Response call(std::string_view method, std::string_view path, std::string_view body = {},
                         std::string_view idempotency_key = {});
  control::Response get(std::string_view path) { return call("GET", path); }
  control::Response post(std::string_view path, std::string_view body = {}) { return call("POST", path, body); }

  /// The statement from now on that traps, counted from 1; 0: none does. Counts down.
  std::int64_t trap_at = 0;
  host::ControlHost& host() { return *host_; }

 private:
  std::unique_ptr<host::KvStore> kv_;
  std::unique_ptr<host::ControlHost> host_;
};

/// A member of a body, by a path such as `apiKey.key` or `items.0.id`; empty where there is none.
std::string member(const control::Response& response, std::string_view path);

/// Every row of every database below the folder: equal texts mean that nothing has changed.
std::string everything(const std::filesystem::path& folder);

/// Meters and features `api_requests` and `tokens`, the plan `starter`, published; the plan's id.
std::string make_catalog(Control& control);
/// A plan that gives api_requests and tokens.
std::string plan_json(std::string_view key);
/// One event, as a batch.
std::string event_json(std::string_view subscription, std::string_view id);

}  // namespace tollgate::test
