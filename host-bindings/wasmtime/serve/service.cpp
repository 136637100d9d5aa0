#include "host-bindings/wasmtime/serve/service.h"

#include "gateway/routes.h"
#include "gateway/token_list.h"
#include "host-bindings/wasmtime/edge_module.h"
#include "host-bindings/wasmtime/gateway/demo_upstream.h"
#include "host-bindings/wasmtime/gateway/gateway.h"
#include "host-bindings/wasmtime/gateway/log.h"
#include "host-bindings/wasmtime/http/server.h"
#include "host-bindings/wasmtime/serve/api_documents.h"
#include "host-bindings/wasmtime/serve/control_api.h"
#include "host-bindings/wasmtime/serve/domain_clock.h"
#include "host-bindings/wasmtime/serve/event_delivery.h"
#include "host-bindings/wasmtime/serve/files.h"
#include "host-bindings/wasmtime/serve/health.h"
#include "host-bindings/wasmtime/serve/snapshots.h"
#include "host-bindings/wasmtime/serve/state_lock.h"

#include <iostream>
#include <utility>
#include <vector>

namespace tollgate::serve {
namespace {

using Done = Result<bool, std::string>;

/// No call of the edge module takes a millisecond. A server shares its processors, and a thread may be kept waiting
/// with a call half done, so this is far from that.
constexpr host::InstanceLimits kEdgeLimits{.deadline_ms = 1'000};
/// How long requests have to end when the program is told to.
constexpr std::chrono::milliseconds kGrace{2'500};
/// How long what was used may take to be delivered after that.
constexpr std::chrono::milliseconds kDeliver{30'000};
constexpr std::string_view kDemoUpstream = "DEMO_UPSTREAM";
/// Longer than the control plane and KV, a file of ours, may take.
constexpr auto kPatience = kPlaneDeadline + std::chrono::seconds(5);
/// Requests that are served at one moment, and those of them that may wait for look-ups: the others need none.
constexpr std::size_t kThreads = 512;
constexpr std::size_t kMostWaiting = 384;

}  // namespace

/// In the order in which they are made; taken down in the opposite one.
struct Service::Parts {
  ServiceOptions options;
  std::unique_ptr<StateLock> lock;
  gateway::Routes routes;
  std::string bucket;
  ApiDocuments documents;
  http::OpenStreams open;
  http::OpenStreams open_to_plane;  ///< of its own: events are still delivered when those who wait have been let go
  std::unique_ptr<http::Client> client;
  std::unique_ptr<host::KvStore> kv;
  std::unique_ptr<host::ControlHost> control;
  std::unique_ptr<ControlPlane> plane;
  std::unique_ptr<DomainClock> clock;
  std::unique_ptr<Snapshots> snapshots;
  std::shared_ptr<host::EdgeModule> edge;
  std::string policies;
  std::unique_ptr<host::Gate> gate;
  std::unique_ptr<EventDelivery> delivery;
  std::unique_ptr<gateway::Gateway> gateway;
  std::unique_ptr<Serving> serving;
  std::unique_ptr<http::Server> server;

  // Each of these fails with a sentence.
  Done open_control();
  Done open_plane();
  Done read_config();
  Done open_gate();
  Done open_gateway();
  Done open_server();

  gateway::Fetch fetch_for(const gateway::Upstream& upstream);
  void serve(http::Exchange& exchange);
};

Done Service::Parts::open_control() {
  auto taken = StateLock::take(options.state);
  if (!taken.ok()) return fail(taken.error());
  lock = std::move(*taken);
  auto module = host::ControlModule::load(options.control_module, {});
  if (!module.ok()) return fail(module.error());
  auto stored = host::KvStore::open((options.state / "kv.sqlite").string());
  if (!stored.ok()) return fail(stored.error());
  kv = std::move(*stored);
  host::ControlOptions of_control;
  of_control.state = options.state;
  of_control.admin_key = options.admin_key;
  of_control.local = options.local;
  of_control.on_error = [](std::string_view what, std::string_view reason) {
    gateway::log(gateway::Severity::error, what, {{"reason", reason}});
  };
  if (options.local) {
    auto seed = read_file(options.seed);
    if (!seed.ok()) return fail(seed.error());
    of_control.seed = std::move(*seed);
  }
  control = std::make_unique<host::ControlHost>(std::move(*module), *kv, std::move(of_control));
  return true;
}

Done Service::Parts::open_plane() {
  std::string key = options.edge_key.empty() ? options.admin_key : options.edge_key;
  if (options.control_url.empty()) {
    plane = std::make_unique<LocalPlane>(*control, std::move(key));
    return true;
  }
  const auto url = http::parse_url(options.control_url);
  if (!url || url->path != "/" || !url->extra.empty()) {
    return fail("TOLLGATE_CONTROL_URL is " + options.control_url + ": must be an address without a path");
  }
  plane = std::make_unique<RemotePlane>(open_to_plane, url->origin, std::move(key));
  return true;
}

/// Policies and routes. What policies there are, the module says: routes can be read only then.
Done Service::Parts::read_config() {
  auto policies_text = read_file(options.policies);
  if (!policies_text.ok()) return fail(policies_text.error());
  policies = std::move(*policies_text);
  const auto routes_text = read_file(options.routes);
  if (!routes_text.ok()) return fail(routes_text.error());
  auto module = host::EdgeModule::load(options.edge_module, kEdgeLimits);
  if (!module.ok()) return fail(module.error());
  edge = std::move(*module);
  snapshots = std::make_unique<Snapshots>(*kv, *plane, bucket);
  const auto described = host::Gate::open(edge->maker(), host::random_seed, *snapshots, {.policies = policies});
  if (!described.ok()) return fail(options.policies.string() + ": " + described.error());
  std::vector<gateway::KnownPolicy> known;
  for (const host::PolicyInfo& policy : (*described)->policies()) known.push_back({policy.name, policy.auth_header});
  auto parsed = gateway::read_routes(*routes_text, known);
  if (!parsed.ok()) return fail(parsed.error());
  routes = std::move(*parsed);
  for (const gateway::Route& route : routes.routes) {
    const std::string& service = route.upstream.service;
    if (service.empty() || service == kDemoUpstream) continue;
    return fail("config/routes.json names the upstream service:" + service + ", which this program does not bind");
  }
  bucket = options.bucket.empty() ? routes.bucket : options.bucket;
  if (gateway::is_listed(gateway::kBuckets, bucket)) return true;
  return fail("TOLLGATE_BUCKET is \"" + bucket + "\": must be one of working-copy, preview, production");
}

Done Service::Parts::open_gate() {
  const std::uint32_t key_format = routes.checks_key_format ? TG_KEY_TGK : TG_KEY_ANY;
  clock = std::make_unique<DomainClock>(bucket, *plane);
  auto opened = host::Gate::open(edge->maker(), host::random_seed, *snapshots,
                                 {.policies = policies,
                                  .key_format = key_format,
                                  .build_id = options.build_id,
                                  .bucket = bucket,
                                  .patience = kPatience,
                                  .most_waiting = kMostWaiting,
                                  .now = [this] { return static_cast<double>(clock->now().ms); }});
  if (!opened.ok()) return fail(opened.error());
  gate = std::move(*opened);
  return true;
}

gateway::Fetch Service::Parts::fetch_for(const gateway::Upstream& upstream) {
  if (!upstream.service.empty()) {
    return [](const http::OutgoingRequest& request) -> Result<http::IncomingResponse, std::string> {
      return gateway::demo_upstream(request);
    };
  }
  return [this](const http::OutgoingRequest& request) { return client->send(request); };
}

Done Service::Parts::open_gateway() {
  client = std::make_unique<http::Client>(open, http::Patience());
  gateway = std::make_unique<gateway::Gateway>(
      *gate, routes,
      gateway::GatewayOptions{.build_id = options.build_id,
                              .now = [this] { return clock->now(); },
                              .fetch_for = [this](const gateway::Upstream& upstream) { return fetch_for(upstream); }});
  delivery = std::make_unique<EventDelivery>(*gate, *plane, bucket);
  serving = std::make_unique<Serving>(
      Serving{*gate, *gateway, *control, *plane, *delivery, bucket, options.admin_key, options.local});
  auto loaded = ApiDocuments::load(options.api_document, options.api_page);
  if (!loaded.ok()) return fail(loaded.error());
  documents = std::move(*loaded);
  return true;
}

Done Service::Parts::open_server() {
  http::ServerOptions where;
  where.host = options.host;
  where.port = options.port;
  where.threads = kThreads;
  auto listening = http::Server::listen(std::move(where), open, [this](http::Exchange& exchange) { serve(exchange); });
  if (!listening.ok()) return fail(listening.error());
  server = std::move(*listening);
  return true;
}

void Service::Parts::serve(http::Exchange& exchange) {
  const auto target = http::parse_target(exchange.request().target);
  if (!target) {
    exchange.close_afterwards();
    exchange.respond({400, {}}, "");
  } else if (target->path == "/healthz") {
    serve_health(exchange, *serving);
  } else if (!target->path.starts_with("/v3/")) {
    clock->refresh();
    gateway->serve(exchange, *target);
  } else if (!documents.serve(exchange, *target)) {
    serve_control(exchange, *target, *control);
  }
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Service::~Service() = default;

Result<std::unique_ptr<Service>, std::string> Service::open(const ServiceOptions& options) {
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  for (const auto step : {&Parts::open_control, &Parts::open_plane, &Parts::read_config, &Parts::open_gate,
                          &Parts::open_gateway, &Parts::open_server}) {
    if (const Done done = (parts.get()->*step)(); !done.ok()) return fail(done.error());
  }
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

void Service::run() {
  parts_->control->start();
  parts_->delivery->start();
  parts_->server->run(kGrace);
  const std::uint64_t left = parts_->delivery->finish(kDeliver);
  if (left == 0) return;
  std::cerr << "tollgate: events left undelivered, and so lost: " << left << '\n';
}

void Service::stop() const { parts_->server->stop(); }

std::uint16_t Service::port() const { return parts_->server->port(); }

}  // namespace tollgate::serve
