#include "host-bindings/wasmtime/control/control_host.h"

#include "control/http/problem.h"
#include "host-bindings/wasmtime/control/machine_clock.h"
#include "json/document.h"
#include "problem/gateway_problem.h"

#include <sys/random.h>

#include <deque>
#include <utility>

namespace tollgate::host {
namespace {

using control::Entry;
using control::Request;
using control::Response;
using control::Role;

/// Rounds of questions to other objects within one request; handlers need one.
constexpr int kMostPasses = 8;
/// Transactions of timers that one request waits for; what is left of them is the pump's.
constexpr int kTimersBeforeRequest = 8;
constexpr std::string_view kSeededBucket = "working-copy";
constexpr std::string_view kApi = "/v3/metering/";

std::string random_bytes() {
  std::string bytes(control::kSeedBytes, '\0');
  // So few are never cut short, and the only failure is a kernel without the call.
  TOLLGATE_ASSERT(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  return bytes;
}

std::string text_member(std::string_view body, std::string_view name) {
  json::Document document;
  return document.parse(body).ok() ? std::string(document.root().member(name).text()) : std::string();
}

}  // namespace

ControlHost::ControlHost(std::unique_ptr<ControlModule> module, KvStore& kv, ControlOptions options)
    : kv_(kv), options_(std::move(options)), module_(std::move(module)), files_(options_.state, options_.open_ledgers) {
  constexpr std::array<std::string_view, 3> kNames = {kSeededBucket, "preview", "production"};
  for (std::size_t i = 0; i < kNames.size(); ++i) buckets_[i].name = kNames[i];
}

ControlHost::~ControlHost() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (pump_thread_.joinable()) pump_thread_.join();
}

std::string_view ControlHost::bucket_of(std::string_view path) {
  if (!path.starts_with(kApi)) return {};
  path.remove_prefix(kApi.size());
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

ControlHost::Bucket* ControlHost::find(std::string_view name) {
  for (Bucket& bucket : buckets_) {
    if (bucket.name == name) return &bucket;
  }
  return nullptr;
}

Request ControlHost::request_of(Role role, std::string_view object) const {
  Request request;
  request.role = role;
  request.object = object;
  request.now = machine_now();
  request.settings = {options_.admin_key, options_.local};
  return request;
}

Response ControlHost::serve(const ApiRequest& asked) {
  const std::string_view name = bucket_of(asked.path);
  Request request = request_of(Role::bucket, name);
  request.method = asked.method;
  request.target = asked.target;
  for (const auto& [field, value] : asked.headers) request.headers.push_back({field, value});
  request.body = asked.body;
  Bucket* const bucket = find(name);
  // Where there is no such object, the module says what there is to say about that.
  auto response = bucket == nullptr ? perform(request) : serve_bucket(*bucket, request);
  if (response.ok()) return std::move(*response);
  options_.on_error("a control request failed", response.error());
  const std::string seed = random_bytes();
  request.seed = seed;
  const GatewayProblemText& row = text_of(GatewayProblem::internal);
  return control::problem(request, row.status, row.code, row.before);
}

ControlHost::Performed ControlHost::serve_bucket(Bucket& bucket, Request& request) {
  if (const auto ready = get_ready(bucket); !ready.ok()) return fail(ready.error());
  std::unique_lock lock(mutex_);
  const bool timers_are_due = bucket.next_timer <= request.now.ms;
  lock.unlock();
  if (timers_are_due) {
    const auto next = run_timers(bucket, kTimersBeforeRequest);
    if (!next.ok()) return fail(next.error());
  }
  request.now = machine_now();
  auto response = perform(request);
  if (!response.ok()) return response;
  if (response->next_timers) {
    lock.lock();
    bucket.next_timer = response->next_timers->ms;
    ++bucket.sayings;
    lock.unlock();
    wake_pump_at(bucket, response->next_timers->ms);
  }
  if (response->work != control::Work::none) wake_pump_at(bucket, request.now.ms);
  if (response->work == control::Work::first) {
    pump(bucket);
    ++clock_moves_;
  }
  return response;
}

Result<bool, std::string> ControlHost::get_ready(Bucket& bucket) {
  const std::lock_guard lock(bucket.starting);
  if (bucket.is_ready) return true;
  if (bucket.name == kSeededBucket && options_.local && !options_.seed.empty()) {
    if (const auto seeded = seed(bucket); !seeded.ok()) return seeded;
  }
  bucket.is_ready = true;
  wake_pump_at(bucket, machine_now().ms);
  return true;
}

Result<bool, std::string> ControlHost::seed(Bucket& bucket) {
  const auto answer = ask_host(Role::bucket, bucket.name, "/seed", options_.seed, machine_now());
  if (!answer.ok()) return fail(answer.error());
  if (answer->status != 200) return fail("the bucket could not be seeded: " + answer->body);
  if (text_member(answer->body, "seeded") != "true") return true;
  const std::lock_guard lock(mutex_);
  seeded_key_ = text_member(answer->body, "apiKey");
  return true;
}

std::optional<std::string> ControlHost::take_seeded_key() {
  if (const auto ready = get_ready(*find(kSeededBucket)); !ready.ok()) {
    options_.on_error("the working copy could not be made ready", ready.error());
  }
  const std::lock_guard lock(mutex_);
  return std::exchange(seeded_key_, std::nullopt);
}

std::uint64_t ControlHost::traps() {
  const std::lock_guard turn(turns_);
  return module_->traps();
}

ControlHost::Performed ControlHost::perform(Request& request) {
  const std::string seed = random_bytes();
  request.seed = seed;
  std::deque<Response> answers;  // which the request borrows from
  std::deque<std::string> questions;
  for (int passes = 0; passes < kMostPasses; ++passes) {
    auto response = pass(request);
    if (!response.ok()) return response;
    if (!response->log.empty()) options_.on_error(response->log, request.object);
    if (response->needs.empty()) return response;
    for (control::ObjectRequest& need : response->needs) {
      auto answer = ask(need);
      if (!answer.ok()) options_.on_error("an object did not answer", answer.error());
      const Response& kept = answers.emplace_back(answer.ok() ? std::move(*answer) : Response());
      request.answers.push_back({questions.emplace_back(std::move(need.question)), kept.status, kept.body});
    }
  }
  return fail(std::string("a request went on asking other objects"));
}

ControlHost::Performed ControlHost::pass(const Request& request) {
  const std::lock_guard turn(turns_);
  if (request.role == Role::bucket && find(request.object) == nullptr) {
    auto response = module_->handle(nullptr, request);
    if (!response.ok()) return fail(response.error().message);
    return std::move(*response);
  }
  const auto object = files_.open(request.role, request.object);
  if (!object.ok()) return fail(object.error());
  if (const auto started = start_object(**object, request); !started.ok()) {
    files_.close(request.role, request.object);
    return fail(started.error());
  }
  return pass_on(**object, request);
}

Result<bool, std::string> ControlHost::start_object(ObjectFiles::Object& object, const Request& request) {
  if (object.is_started) return true;
  Request start = request_of(request.role, request.object);
  start.entry = Entry::host;
  start.method = "POST";
  start.target = "/start";
  start.seed = request.seed;
  const auto response = pass_on(object, start);
  if (!response.ok()) return fail(response.error());
  if (!response->commits()) return fail(response->body);
  object.is_started = true;
  return true;
}

/// One transaction. Whatever is not a success, and a trap, leaves nothing behind.
ControlHost::Performed ControlHost::pass_on(ObjectFiles::Object& object, const Request& request) {
  native::SqliteDatabase& database = *object.database;
  std::string error;
  if (!database.try_begin(error)) return fail(error);
  auto response = module_->handle(&database, request);
  if (!response.ok()) {
    database.give_up();
    return fail("the control module trapped: " + response.error().message);
  }
  if (!response->commits()) {
    database.give_up();
  } else if (!database.try_commit(error)) {
    return fail(error);
  }
  return std::move(*response);
}

ControlHost::Performed ControlHost::ask(const control::ObjectRequest& need) {
  if (need.role == Role::ledger) return ask_host(need.role, need.object, need.path, need.body, need.now);
  Bucket* const bucket = find(need.object);
  if (bucket == nullptr) return fail("there is no bucket " + need.object);
  if (const auto ready = get_ready(*bucket); !ready.ok()) return fail(ready.error());
  // A bucket knows its own time.
  return ask_host(need.role, need.object, need.path, need.body, machine_now());
}

ControlHost::Performed ControlHost::ask_host(Role role, std::string_view object, std::string_view path,
                                             std::string_view body, Instant now) {
  Request request = request_of(role, object);
  request.entry = Entry::host;
  request.method = "POST";
  request.target = path;
  request.body = body;
  request.now = now;
  return perform(request);
}

}  // namespace tollgate::host
