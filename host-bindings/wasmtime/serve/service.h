#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tollgate::serve {

/// What `tollgate serve` is told. docs/guide/local-testing.md is the manual.
struct ServiceOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8787;
  std::filesystem::path state;  ///< folder of everything that is kept; made when missing

  std::filesystem::path edge_module;
  std::filesystem::path control_module;
  std::filesystem::path policies;  ///< files
  std::filesystem::path routes;
  std::filesystem::path seed;
  std::filesystem::path api_document;
  std::filesystem::path api_page;

  std::string admin_key;    ///< TOLLGATE_ADMIN_KEY
  std::string edge_key;     ///< TOLLGATE_EDGE_KEY; empty: the admin key
  std::string bucket;       ///< TOLLGATE_BUCKET; empty: that of the routes
  std::string control_url;  ///< TOLLGATE_CONTROL_URL; empty: the control plane in this process
  std::string build_id;     ///< TOLLGATE_BUILD_ID
  bool local = false;       ///< TOLLGATE_LOCAL
};

/// Gateway and control plane in one process, over SQLite files in one folder.
///
///     auto service = Service::open(options);
///     (*service)->run();   // until somebody calls stop()
class Service {
 public:
  /// Reads the configuration, opens the state and binds the port. Fails with a sentence that names what is wrong;
  /// nothing has been served then.
  static Result<std::unique_ptr<Service>, std::string> open(const ServiceOptions& options);
  ~Service();

  /// Serves until `stop`. Then requests under way come to their end, and the events that they left are delivered.
  void run();
  /// May be called from a signal handler.
  void stop() const;

  std::uint16_t port() const;

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tollgate::serve
