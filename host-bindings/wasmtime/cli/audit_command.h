#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tollgate::cli {

/// What the command line says to `tollgate audit`.
struct AuditArguments {
  std::string invoice;  ///< id or number
  std::string url;      ///< of a control plane: `http://127.0.0.1:8787`
  std::string key;      ///< a service key that may read
  std::string bucket = "working-copy";
};

void add_audit_options(CLI::App& command, AuditArguments& arguments);

/// Fetches an invoice and the usage behind it, computes every line again, and prints what came of it. The exit status:
/// 0 where all is equal, 1 where it is not, 2 where that cannot be told.
int audit(const AuditArguments& arguments, bool json);

}  // namespace tollgate::cli
