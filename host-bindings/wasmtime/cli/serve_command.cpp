#include "host-bindings/wasmtime/cli/serve_command.h"

#include "base/limits.h"
#include "host-bindings/wasmtime/cli/shipped.h"
#include "host-bindings/wasmtime/serve/service.h"

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace tollgate::cli {
namespace {

constexpr int kStopped = 0;
constexpr int kBadInput = 2;
/// The key that everybody knows. It counts on a developer's machine only.
constexpr const char* kLocalKey = "tg_admin_local";

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

serve::ServiceOptions options_of(const ServeArguments& arguments) {
  serve::ServiceOptions options;
  options.host = arguments.host;
  options.port = arguments.port;
  options.state = arguments.state;
  options.edge_module = shipped("edge.wasm", "build/wasi/edge.wasm");
  options.control_module = shipped("control.wasm", "build/wasi/control.wasm");
  const std::filesystem::path config = shipped("config", "config");
  const std::filesystem::path chosen = arguments.config.empty() ? config : std::filesystem::path(arguments.config);
  options.policies = chosen / "policies.json";
  options.routes = chosen / "routes.json";
  options.seed = config / "seed.json";
  options.api_document = shipped("openapi.yaml", "docs/openapi.yaml");
  options.api_page = shipped("docs.html", "build/openapi/docs.html");
  options.local = environment("TOLLGATE_LOCAL") == "1";
  options.admin_key = environment("TOLLGATE_ADMIN_KEY");
  if (options.admin_key.empty() && options.local) options.admin_key = kLocalKey;
  options.edge_key = environment("TOLLGATE_EDGE_KEY");
  options.bucket = environment("TOLLGATE_BUCKET");
  options.control_url = environment("TOLLGATE_CONTROL_URL");
  options.build_id = environment("TOLLGATE_BUILD_ID");
  if (options.build_id.empty()) options.build_id = "local";
  return options;
}

/// A key that does not count would be found out by a 401 only.
void warn_of_no_operator(const serve::ServiceOptions& options) {
  if (options.local || options.admin_key.size() >= limits::kMinOperatorKey) return;
  std::cerr << "tollgate: nobody is the operator: TOLLGATE_ADMIN_KEY takes " << limits::kMinOperatorKey
            << " characters or more, unless TOLLGATE_LOCAL=1 says that this is a developer's machine\n";
}

/// What the signal handler stops.
serve::Service* running = nullptr;

void stop_running(int /*signal*/) { running->stop(); }

void listen_to_signals() {
  struct sigaction action = {};
  action.sa_handler = stop_running;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  // A connection that is gone is told by the write.
  std::signal(SIGPIPE, SIG_IGN);
}

/// Each open ledger takes three descriptors, each connection one.
void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void add_serve_options(CLI::App& command, ServeArguments& arguments) {
  command.add_option("--state", arguments.state, "Folder of everything that is kept; made when missing")->required();
  command.add_option("--config", arguments.config, "Folder of policies.json and routes.json; else the shipped ones");
  command.add_option("--host", arguments.host, "The address to listen at")->capture_default_str();
  command.add_option("--port", arguments.port, "The port to listen at; 0: any")->capture_default_str();
  command.footer(
      "Environment: TOLLGATE_ADMIN_KEY is the operator's key, TOLLGATE_LOCAL=1 makes it tg_admin_local and fills the "
      "working copy;\nTOLLGATE_EDGE_KEY, TOLLGATE_BUCKET, TOLLGATE_CONTROL_URL, TOLLGATE_BUILD_ID: "
      "docs/guide/local-testing.md.");
}

int serve(const ServeArguments& arguments) {
  allow_many_files();
  const serve::ServiceOptions options = options_of(arguments);
  warn_of_no_operator(options);
  auto service = serve::Service::open(options);
  if (!service.ok()) {
    std::cerr << "tollgate: " << service.error() << '\n';
    return kBadInput;
  }
  running = service->get();
  listen_to_signals();
  const std::string host = arguments.host.find(':') == std::string::npos ? arguments.host : "[" + arguments.host + "]";
  std::cout << "tollgate serves at http://" << host << ":" << (*service)->port() << '\n' << std::flush;
  (*service)->run();
  return kStopped;
}

}  // namespace tollgate::cli
