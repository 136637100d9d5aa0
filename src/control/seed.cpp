#include "control/seed.h"

#include "control/http/list.h"
#include "control/router.h"

#include <map>

namespace tollgate::control {
namespace {

using SavedIds = std::map<std::string, std::string, std::less<>>;

/// The path with each `$name` replaced by what was saved under it.
std::string resolved(std::string_view path, const SavedIds& saved) {
  std::string result;
  while (!path.empty()) {
    const std::size_t dollar = path.find('$');
    result.append(path.substr(0, dollar));
    if (dollar == path.npos) break;
    path.remove_prefix(dollar + 1);
    const std::size_t end = std::min(path.find('/'), path.size());
    if (const auto id = saved.find(path.substr(0, end)); id != saved.end()) result.append(id->second);
    path.remove_prefix(end);
  }
  return result;
}

Response perform_step(Context& context, json::Value step, const SavedIds& saved) {
  const std::string target =
      std::string("/v3/metering/").append(context.bucket()).append(resolved(step.member("path").text(), saved));
  const std::string body = step.member("body").absent() ? std::string() : json::compact(step.member("body"));
  Request request = context.request;
  request.entry = Entry::api;
  request.method = step.member("method").text();
  request.target = target;
  request.headers = {{"content-type", "application/json"}};
  request.body = body;
  Context inner(request, context.sql, context.random, context.clock, {});
  return perform(inner);
}

Response seed_answer(const std::string* api_key) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("seeded", api_key != nullptr);
  if (api_key != nullptr) to.member("apiKey", std::string_view(*api_key));
  to.end_object();
  return json_answer(200, text.take());
}

}  // namespace

Response seed_bucket(Context& context) {
  const std::string_view name = context.body.member("name").text();
  if (!context.sql.query("SELECT at FROM seeded WHERE name = ?", name).empty()) return seed_answer(nullptr);
  SavedIds saved;
  std::string api_key;
  for (json::Value step : context.body.member("steps")) {
    Response response = perform_step(context, step, saved);
    if (!response.commits()) return response;
    json::Document answer;
    if (!answer.parse(response.body).ok()) continue;
    saved[std::string(step.member("save").text())] = answer.root().member("id").text();
    api_key = answer.root().member("apiKey").member("key").text();
  }
  context.sql.exec("INSERT INTO seeded (name, at) VALUES (?, ?)", name, context.now());
  return seed_answer(&api_key);
}

}  // namespace tollgate::control
