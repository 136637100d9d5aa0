#include "tests/unit/control/isolation_world.h"

#include "control/bucket/bucket.h"
#include "tests/unit/control/world/database_dump.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace tollgate::test {
namespace {

using control::kBuckets;

/// `secret_of_working_copy`: fits where a key does.
std::string secret_of(std::size_t bucket) {
  std::string secret = "secret_of_" + std::string(kBuckets[bucket]);
  std::replace(secret.begin(), secret.end(), '-', '_');
  return secret;
}

}  // namespace

IsolationWorld::IsolationWorld() {
  names_["buckets"].assign(kBuckets.begin(), kBuckets.end());
  for (std::size_t bucket = 0; bucket < kBuckets.size(); ++bucket) fill(bucket);
}

void IsolationWorld::remember(std::size_t bucket, const std::string& resource, const std::string& name) {
  BOOST_REQUIRE_MESSAGE(!name.empty(), resource);
  names_[resource].push_back(name);
  secrets_[bucket].push_back(name);
}

void IsolationWorld::fill(std::size_t bucket) {
  plane_.bucket = kBuckets[bucket];
  const std::string secret = secret_of(bucket);
  secrets_[bucket].push_back(secret);
  const auto post = [&](const std::string& resource, std::string_view path, std::string body) {
    for (std::size_t at = body.find('@'); at != body.npos; at = body.find('@')) body.replace(at, 1, secret);
    const Reply reply = plane_.post(path, body);
    BOOST_REQUIRE_MESSAGE(reply.status() == 201, path << " " << reply.response.body);
    remember(bucket, resource, reply["id"]);
    return reply;
  };
  const std::string plan = plane_.make_catalog();
  remember(bucket, "plans", plan);
  remember(bucket, "plans", plane_.post("plans/" + plan + "/next")["id"]);
  remember(bucket, "customers", plane_.get("customers/acme")["id"]);
  post("meters", "meters", R"({"slug":"@","eventType":"@","aggregation":"COUNT","description":"@"})");
  post("features", "features", R"({"key":"@","name":"@","meterSlug":"@","metadata":{"a":"@"}})");
  const std::string own = post("plans", "plans",
                               plan_json("@", R"({"type":"flat_fee","key":"fee","name":"@",
      "price":{"type":"flat","amount":7}})",
                                         R"("metadata":{"zuplo_private_plan":true,"a":"@"},)"))["id"];
  BOOST_REQUIRE(plane_.post("plans/" + own + "/publish").status() == 200);
  std::string invitation = R"({"email":"!","planId":")" + own + "\"}";
  invitation.replace(invitation.find('!'), 1, secret + "\\u0040corp");
  post("invites", "plan-invites", invitation);
  post("customers", "customers", R"({"key":"@","name":"@","metadata":{"a":"@"}})");
  const Reply subscription = post("subscriptions", "subscriptions",
                                  R"({"plan":{"key":"@"},"customerKey":"@","name":"@","metadata":{"a":"@"}})");
  remember(bucket, "apiKeys", subscription["apiKey.id"]);
  remember(bucket, "digests", digest_of(subscription["apiKey.key"]));
  const Reply other = plane_.subscribe();
  remember(bucket, "subscriptions", other["id"]);
  BOOST_REQUIRE(plane_.ingest(other["id"], secret, "tokens", "5").status() == 204);
  post("grants", "subscriptions/" + other["id"] + "/grants",
       R"({"featureKey":"api_requests","amount":7,"name":"@","priority":3})");
  plane_.publish_plan(plan_json("pack", kPackCards));
  post("profiles", "billing/profiles", R"({"name":"@"})");
  BOOST_REQUIRE(plane_.post("dead-letters", R"({"reason":"r","event":")" + secret + "\"}").response.commits());
  for (std::size_t role = 0; role < kRoleNames.size(); ++role) {
    keys_[bucket][role] =
        post("serviceKeys", "service-keys", R"({"name":"@","role":")" + std::string(kRoleNames[role]) + "\"}")["key"];
  }
  settle(plane_.bucket);
  const Reply invoices = plane_.get("invoices");
  for (json::Value invoice : invoices.value("items")) {
    remember(bucket, "invoices", std::string(invoice.member("id").text()));
  }
  for (std::string_view key : {"api_requests", "tokens"}) names_["meters"].emplace_back(key);
  for (std::string_view key : {"api_requests", "tokens", "export"}) names_["features"].emplace_back(key);
}

void IsolationWorld::settle(std::string_view bucket) {
  plane_.host.run_timers(bucket, plane_.now);
  while (plane_.host.pump(bucket, plane_.now) > 0) {
  }
}

std::string IsolationWorld::resolve(std::string_view text, std::uint32_t names) const {
  std::string result;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    result.append(text.substr(0, dollar));
    text.remove_prefix(dollar);
    std::size_t end = 1;
    while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) ++end;
    const auto found = text.empty() ? names_.end() : names_.find(text.substr(1, end - 1));
    if (found == names_.end()) {
      result.append(text.substr(0, end));  // a JSONPath
    } else {
      result.append(found->second[names % found->second.size()]);
      names = names * 747'796'405U + 2'891'336'453U;
    }
    text.remove_prefix(std::min(end, text.size()));
  }
  return result;
}

IsolationWorld::Outcome IsolationWorld::send(const Attempt& attempt) {
  const ExpectedRoute& route = expected_routes()[attempt.route];
  const std::string path = resolve(route.path, attempt.names);
  const std::string body = resolve(route.body, attempt.names + 1);
  plane_.bucket = kBuckets[attempt.target];
  Plane::Extra extra{.authorization = "Bearer " + keys_[attempt.holder][attempt.role]};
  if (route.path == "events") extra.content_type = "application/cloudevents-batch+json";
  Reply reply = plane_.call(route.method, path, body, extra);
  if (reply.response.commits()) settle(plane_.bucket);
  const std::string who = std::string(kBuckets[attempt.holder]).append("/").append(kRoleNames[attempt.role]);
  return {who + " to " + plane_.bucket + ": " + std::string(route.method) + " " + path + " " + body, path + body,
          std::move(reply)};
}

bool IsolationWorld::may(const Attempt& attempt) {
  const char letter = kRoleNames[attempt.role].front();
  return letter == 'a' || expected_routes()[attempt.route].roles.find(letter) != std::string_view::npos;
}

std::map<std::string, std::string> IsolationWorld::contents() {
  std::map<std::string, std::string> contents;
  for (const std::string& name : plane_.host.objects()) {
    const std::size_t blank = name.find(' ');
    const auto role = name.starts_with("bucket") ? control::Role::bucket : control::Role::ledger;
    contents[name.substr(blank + 1)] = dump(plane_.host.database(role, name.substr(blank + 1)));
  }
  for (const auto& [key, value] : plane_.host.kv) {
    const std::size_t slash = key.find('/') + 1;
    contents[key.substr(slash)] = value;
  }
  return contents;
}

}  // namespace tollgate::test
