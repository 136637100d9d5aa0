#include "host-bindings/native/sqlite/control_host.h"

#include "base/sha256.h"
#include "control/port/frame.h"
#include "json/document.h"
#include "wasm/control_abi.h"

#include <cstring>

namespace tollgate::native {
namespace {

using control::Entry;
using control::Request;
using control::Response;
using control::Role;

/// What `tollgate_sql` works on: set for the length of one pass, which is one call into the module.
struct Pass {
  SqliteDatabase* database = nullptr;
  std::int64_t* failing_statement = nullptr;
};
Pass current;

/// Bytes that differ from call to call. A test wants the same ones in every run.
std::string seed_number(std::uint64_t n) {
  std::string seed;
  while (seed.size() < control::kSeedBytes) {
    const Digest digest = sha256(std::to_string(n) + "/" + std::to_string(seed.size()));
    seed.append(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
  }
  return seed;
}

constexpr int kMostPasses = 8;

}  // namespace

Response ControlHost::perform(Request request) {
  const bool is_of_api = request.entry == Entry::api && request.role == Role::bucket;
  if (is_of_api) run_timers(request.object, request.now);
  Response response = run_passes(request);
  if (response.work == control::Work::first && !dies_before_pumping) {
    run_timers(request.object, request.now);
    while (pump(request.object, request.now) > 0 && !kv_is_down) {
    }
  }
  return response;
}

Response ControlHost::run_passes(Request& request) {
  seed_ = seed_number(++seeds_);
  request.seed = seed_;
  ledger_answers_.clear();
  SqliteDatabase& database = started(request.role, request.object);
  for (int passes = 0; passes < kMostPasses; ++passes) {
    Response response = pass(database, request);
    if (response.needs.empty()) return response;
    ask_objects(response, request);
  }
  __builtin_trap();
}

Response ControlHost::pass(SqliteDatabase& database, const Request& request) {
  const std::string frame = encode_request(request);
  std::memcpy(tgc_request(static_cast<std::uint32_t>(frame.size())), frame.data(), frame.size());
  current = {&database, &failing_statement};
  database.begin();
  const std::uint32_t length = tgc_handle(static_cast<std::uint32_t>(frame.size()));
  current = {};
  auto response = control::decode_response({tgc_response(), length});
  TOLLGATE_ASSERT(response.has_value());
  response->commits() ? database.commit() : database.rollback();
  return std::move(*response);
}

ControlHost::Object& ControlHost::find_object(Role role, std::string_view name) {
  auto& object = objects_[std::string(role == Role::bucket ? "bucket " : "ledger ").append(name)];
  if (object == nullptr) object = std::make_unique<Object>();
  return *object;
}

SqliteDatabase& ControlHost::database(Role role, std::string_view name) { return find_object(role, name).database; }

std::vector<std::string> ControlHost::objects() const {
  std::vector<std::string> names;
  names.reserve(objects_.size());
  for (const auto& [name, object] : objects_) names.push_back(name);
  return names;
}

SqliteDatabase& ControlHost::started(Role role, std::string_view name) {
  Object& object = find_object(role, name);
  if (!std::exchange(object.started, true)) {
    const std::string seed = seed_number(0);
    Request start;
    start.role = role;
    start.entry = Entry::host;
    start.object = name;
    start.method = "POST";
    start.target = "/start";
    start.seed = seed;
    const std::int64_t failing = std::exchange(failing_statement, 0);
    TOLLGATE_ASSERT(pass(object.database, start).status == 204);
    failing_statement = failing;
  }
  return object.database;
}

void ControlHost::ask_objects(const Response& response, Request& request) {
  for (const control::ObjectRequest& need : response.needs) {
    Request ask;
    ask.role = need.role;
    ask.entry = Entry::host;
    ask.object = need.object;
    ask.method = "POST";
    ask.target = need.path;
    ask.body = need.body;
    ask.now = need.now;
    ask.seed = seed_;
    Response answer;
    if (!ledgers_are_down) answer = pass(started(need.role, need.object), ask);
    const auto& kept = ledger_answers_[need.question] = std::move(answer);
    request.answers.push_back({ledger_answers_.find(need.question)->first, kept.status, kept.body});
  }
}

Response ControlHost::ask_host(std::string_view bucket, std::string_view path, std::string_view body, Instant now) {
  const std::int64_t failing = std::exchange(failing_statement, 0);
  Request request;
  request.entry = Entry::host;
  request.object = bucket;
  request.method = "POST";
  request.target = path;
  request.body = body;
  request.now = now;
  Response response = run_passes(request);
  failing_statement = failing;
  TOLLGATE_ASSERT(response.status == 200);
  return response;
}

std::optional<Instant> ControlHost::run_timers(std::string_view bucket, Instant now) {
  for (;;) {
    const Response response = ask_host(bucket, "/timers/run", "{}", now);
    json::Document document;
    TOLLGATE_ASSERT(document.parse(response.body).ok());
    if (document.root().member("more").text() == "true") continue;
    const json::Value next = document.root().member("nextAt");
    if (next.absent()) return std::nullopt;
    return Instant{std::stoll(std::string(next.text()))};
  }
}

int ControlHost::pump(std::string_view bucket, Instant now) {
  const Response taken = ask_host(bucket, "/outbox/take", "{}", now);
  json::Document document;
  TOLLGATE_ASSERT(document.parse(taken.body).ok());
  std::string done;
  std::string failed;
  int effects = 0;
  for (json::Value effect : document.root().member("effects")) {
    const bool applied =
        apply(bucket, effect.member("kind").text(), effect.member("target").text(), effect.member("body").text());
    std::string& list = applied ? done : failed;
    list.append(list.empty() ? "{\"id\":" : ",{\"id\":").append(effect.member("id").text());
    list.append(",\"generation\":").append(effect.member("generation").text());
    list.append(applied ? "}" : ",\"error\":\"KV is down\"}");
    ++effects;
  }
  ask_host(bucket, "/outbox/settle", "{\"done\":[" + done + "],\"failed\":[" + failed + "]}", now);
  return effects;
}

bool ControlHost::apply(std::string_view bucket, std::string_view kind, std::string_view target,
                        std::string_view body) {
  if (kv_is_down) return false;
  const std::string key = std::string("snapshot/").append(bucket).append("/").append(target);
  if (kind == "kv_put") {
    kv[key] = body;
  } else {
    kv.erase(key);
  }
  return true;
}

}  // namespace tollgate::native

/// The module's import. A failing statement stands for everything that makes a real one fail.
std::int32_t tollgate_sql(const char* statement, std::uint32_t statement_length, const char* bindings,
                          std::uint32_t bindings_length) {
  using tollgate::native::current;
  TOLLGATE_ASSERT(current.database != nullptr);
  std::string rows = "disk I/O error";
  std::int64_t& countdown = *current.failing_statement;
  const bool fails = countdown == 1;
  if (countdown > 0) --countdown;
  const bool done = !fails && current.database->run({statement, statement_length}, {bindings, bindings_length}, rows);
  const auto length = static_cast<std::int32_t>(rows.size());
  std::memcpy(tgc_rows(static_cast<std::uint32_t>(length)), rows.data(), rows.size());
  return done ? length : -1 - length;
}
