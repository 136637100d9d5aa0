// The command `tollgate`. What it was asked for goes to standard output, everything else to standard error.
// docs/guide/local-testing.md is its manual.

#include "base/text.h"
#include "calendar/instant.h"
#include "host-bindings/wasmtime/cli/audit_command.h"
#include "host-bindings/wasmtime/cli/report.h"
#include "host-bindings/wasmtime/cli/serve_command.h"
#include "host-bindings/wasmtime/cli/shipped.h"

#include <CLI/CLI.hpp>
#include <unistd.h>
#include <wasmtime.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace tollgate;
using namespace tollgate::cli;

// Stable: scripts rely on them.
constexpr int kAllowed = 0;
constexpr int kDenied = 1;
constexpr int kBadInput = 2;
constexpr int kModuleFailed = 3;

struct Options {
  bool json = false;
  std::string module;
  std::string policies_file;
  std::string snapshot_file;
  std::string policy_name;
  std::string key_format = "any";
  std::vector<std::string> headers;
  std::string path = "/";
  std::string now;
  std::uint32_t status = 200;
};

int bad_input(const std::string& message) {
  std::cerr << "tollgate: " << message << '\n';
  return kBadInput;
}

bool read_file(const std::string& name, std::string& text) {
  std::ifstream in(name, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in) bad_input("cannot read " + name);
  return static_cast<bool>(in);
}

bool read_header(const std::string& line, RehearsedRequest& request) {
  const std::size_t colon = line.find(':');
  std::string name = line.substr(0, colon);
  if (colon == std::string::npos || !is_token(name)) {
    bad_input("a header reads 'Name: value'");  // and is not shown: it may hold a key
    return false;
  }
  std::transform(name.begin(), name.end(), name.begin(), lower);
  request.headers.emplace_back(name, trim(std::string_view(line).substr(colon + 1)));
  return true;
}

bool read_now(const std::string& text, RehearsedRequest& request) {
  if (text.empty()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    request.now_ms = static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    return true;
  }
  const auto now = parse_instant(text);
  if (!now.ok()) {
    bad_input("--now takes an instant like 2026-01-15T10:00:00Z, not '" + text + "'");
    return false;
  }
  request.now_ms = static_cast<double>(now->ms);
  return true;
}

bool read_request(const Options& options, RehearsedRequest& request) {
  request.module = options.module.empty() ? shipped("edge.wasm", "build/wasi/edge.wasm").string() : options.module;
  request.policy_name = options.policy_name;
  request.checks_key_format = options.key_format == "tgk";
  request.path = options.path;
  request.status = options.status;
  for (const std::string& header : options.headers) {
    if (!read_header(header, request)) return false;
  }
  return read_now(options.now, request) && read_file(options.policies_file, request.policies) &&
         read_file(options.snapshot_file, request.snapshot);
}

int check(const Options& options) {
  RehearsedRequest request;
  if (!read_request(options, request)) return kBadInput;
  const auto rehearsal = rehearse(request);
  if (!rehearsal.ok()) {
    std::cerr << "tollgate: " << rehearsal.error().message << '\n';
    return rehearsal.error().of_module ? kModuleFailed : kBadInput;
  }
  const char* const no_colour = std::getenv("NO_COLOR");
  const bool colour = isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
  std::cout << (options.json ? report_json(*rehearsal) : report_text(*rehearsal, request, colour));
  return rehearsal->allowed ? kAllowed : kDenied;
}

int version(const Options& options) {
  if (options.json) {
    std::cout << R"({"tollgate":")" TOLLGATE_VERSION R"(","wasmtime":")" WASMTIME_VERSION "\"}\n";
  } else {
    std::cout << "tollgate " TOLLGATE_VERSION " (wasmtime " WASMTIME_VERSION ")\n";
  }
  return 0;
}

void add_check_options(CLI::App& command, Options& options) {
  command.add_option("--policy", options.policies_file, "A policies.json")->required();
  command.add_option("--policy-name", options.policy_name, "Which of its policies; needed when it has several");
  command.add_option("--snapshot", options.snapshot_file, "JSON: what the control plane knows of the key")->required();
  command.add_option("--header", options.headers, "A header of the request, 'Name: value'; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--now", options.now, "The time of the request; the clock's if not given");
  command.add_option("--path", options.path, "The path of the request")->capture_default_str();
  command.add_option("--status", options.status, "The status of the response, for the events")->capture_default_str();
  command.add_option("--key-format", options.key_format, "tgk: refuse keys that are not of our format")
      ->check(CLI::IsMember({"any", "tgk"}))
      ->capture_default_str();
  command.add_option("--module", options.module, "The edge module; else the shipped one")
      ->envname("TOLLGATE_EDGE_MODULE");
}

/// All of `main`, but what is thrown.
int run(int argc, char** argv) {
  Options options;
  CLI::App app("Tollgate: API keys, quotas and metering at the edge", "tollgate");
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 allowed, equal or stopped, 1 denied or different, 2 wrong usage or input, 3 the module failed.");
  CLI::App& checking = *app.add_subcommand("check", "Decide a request and explain the decision");
  ServeArguments to_serve;
  CLI::App& serving = *app.add_subcommand("serve", "Serve gateway and control plane over a folder of SQLite files");
  add_serve_options(serving, to_serve);
  AuditArguments to_audit;
  CLI::App& auditing = *app.add_subcommand("audit", "Compute every line of an invoice again from the ledger");
  add_audit_options(auditing, to_audit);
  CLI::App& telling = *app.add_subcommand("version", "Print versions");
  add_check_options(checking, options);
  for (CLI::App* command : {&checking, &auditing, &telling}) command->add_flag("--json", options.json, "Print JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadInput;
  }
  if (serving.parsed()) return serve(to_serve);
  if (auditing.parsed()) return audit(to_audit, options.json);
  return checking.parsed() ? check(options) : version(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fputs("tollgate: ", stderr);
    std::fputs(error.what(), stderr);
    std::fputs("\n", stderr);
    return kModuleFailed;
  }
}
