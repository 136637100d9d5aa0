// The conformance runner of the C++ hosts.
//
//   conformance --host native|wasmtime [--module FILE] [--transcript FILE] FILE...
//
// README.md says what it does; scripts/conformance builds what it needs and calls it.

#include "host-bindings/native/native_edge.h"
#include "host-bindings/native/native_gateway.h"
#include "host-bindings/native/native_rating.h"
#include "host-bindings/wasmtime/edge_module.h"
#include "host-bindings/wasmtime/gateway_module.h"
#include "host-bindings/wasmtime/rating_module.h"
#include "tests/conformance/core_suites.h"
#include "tests/conformance/edge_suite.h"
#include "tests/conformance/gateway_suite.h"
#include "tests/conformance/policy_suite.h"
#include "tests/conformance/status_code_suite.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace tollgate;
using namespace tollgate::conformance;

constexpr int kFailed = 1;
constexpr int kNotRun = 2;

struct Options {
  std::string host;
  std::string module = "build/wasi/edge.wasm";
  std::string transcript;
  std::vector<std::string> files;
};

struct Host {
  host::MakeEdge make_edge;
  host::MakeGateway make_gateway;
  host::MakeRating make_rating;
};

Result<Host, std::string> open_host(const Options& options) {
  if (options.host == "native")
    return Host{host::NativeEdge::make, host::NativeGateway::make, host::NativeRating::make};
  const auto edge = host::EdgeModule::load(options.module, host::InstanceLimits::counting());
  if (!edge.ok()) return fail(edge.error());
  std::filesystem::path beside(options.module);
  const auto gateway = host::WasmtimeGateway::load(beside.replace_filename("gateway.wasm"));
  if (!gateway.ok()) return fail(gateway.error());
  const auto rating = host::WasmtimeRating::load(beside.replace_filename("rating.wasm"));
  if (!rating.ok()) return fail(rating.error());
  return Host{(*edge)->maker(), *gateway, *rating};
}

/// Runs the cases of one suite: reads them all, and only if the whole file is right plays one after another.
class Runner {
 public:
  Runner(const Host& host, Report& report, std::ostream& transcripts)
      : host_(host), report_(report), transcripts_(transcripts) {}

  Mistakes run(json::Value file) {
    Mistakes mistakes;
    CaseReader fields(file, "the file", mistakes);
    const std::string suite = fields.text("suite");
    const json::Value cases = fields.array("cases");
    fields.refuse_others();
    if (cases.size() == 0) mistakes.push_back("the file has no cases");
    if (!mistakes.empty()) return mistakes;
    if (suite == "edge") return play_all(suite, cases, read_edge_case);
    if (suite == "policy") return play_all(suite, cases, read_policy_case);
    if (suite == "status-codes") return play_all(suite, cases, read_status_code_case);
    if (suite == "gateway") return play_gateway(cases);
    if (const CoreSuite* const core = find_core_suite(suite)) return ask_all(*core, cases);
    return {"suite " + suite + " is unknown"};
  }

 private:
  template <class Case>
  static std::vector<Case> read_all(json::Value cases, Case (*read)(json::Value, Mistakes&), Mistakes& mistakes) {
    std::vector<Case> read_cases;
    for (const json::Value one : cases) read_cases.push_back(read(one, mistakes));
    return read_cases;
  }

  template <class Case>
  Mistakes play_all(const std::string& suite, json::Value values, Case (*read)(json::Value, Mistakes&)) {
    Mistakes mistakes;
    const auto cases = read_all(values, read, mistakes);
    for (std::size_t i = 0; mistakes.empty() && i < cases.size(); ++i) {
      const auto played = play(cases[i], i, host_.make_edge);
      report_.add(cases[i].name, judge(cases[i], i, played));
      transcripts_ << transcript(suite, i, played);
    }
    return mistakes;
  }

  Mistakes play_gateway(json::Value values) {
    Mistakes mistakes;
    const auto cases = read_all(values, read_gateway_case, mistakes);
    if (!mistakes.empty()) return mistakes;
    const auto gateway = host_.make_gateway();
    if (!gateway.ok()) return {gateway.error()};
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const GatewayPlay played = play(cases[i], i, **gateway);
      report_.add(cases[i].name, played.verdict);
      transcripts_ << played.transcript;
    }
    return {};
  }

  Mistakes ask_all(const CoreSuite& suite, json::Value values) {
    Mistakes mistakes;
    const auto cases = read_all(values, suite.read, mistakes);
    if (!mistakes.empty()) return mistakes;
    const auto rating = host_.make_rating();
    if (!rating.ok()) return {rating.error()};
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const CoreAnswer answer = play(suite, cases[i], i, **rating);
      report_.add(cases[i].name, answer.verdict);
      transcripts_ << answer.transcript;
    }
    return {};
  }

  const Host& host_;
  Report& report_;
  std::ostream& transcripts_;
};

Result<json::Document, std::string> read_file(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail(std::string("cannot be read"));
  json::Document document;
  if (const auto parsed = document.parse(text); !parsed.ok()) return fail(std::string("is not a JSON document"));
  return document;
}

int run_files(const Options& options, const Host& host, std::ostream& transcripts) {
  Report report(std::cout);
  Runner runner(host, report, transcripts);
  bool all_run = true;
  for (const std::string& name : options.files) {
    const auto document = read_file(name);
    const Mistakes mistakes = document.ok() ? runner.run(document->root()) : Mistakes{document.error()};
    for (const std::string& mistake : mistakes) std::cerr << name << ": " << mistake << '\n';
    all_run = all_run && mistakes.empty();
  }
  report.print_total();
  if (!all_run) return kNotRun;
  return report.failed() ? kFailed : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Runs conformance vectors on a C++ host");
  app.add_option("--host", options.host)->required()->check(CLI::IsMember({"native", "wasmtime"}));
  app.add_option("--module", options.module, "The edge module for wasmtime; the others are taken from beside it")
      ->capture_default_str();
  app.add_option("--transcript", options.transcript, "Write what the host answered");
  app.add_option("files", options.files, "Vector files")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kNotRun;
  }

  const auto host = open_host(options);
  if (!host.ok()) {
    std::cerr << host.error() << '\n';
    return kNotRun;
  }
  if (options.transcript.empty()) {
    std::ostringstream nowhere;
    return run_files(options, *host, nowhere);
  }
  std::ofstream transcripts(options.transcript, std::ios::binary);
  const int status = run_files(options, *host, transcripts);
  transcripts.close();
  if (transcripts) return status;
  std::cerr << "The transcript " << options.transcript << " cannot be written.\n";
  return kNotRun;
}
