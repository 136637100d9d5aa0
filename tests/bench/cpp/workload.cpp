#include "tests/bench/cpp/workload.h"

#include "json/document.h"
#include "tests/bench/cpp/give_up.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace tollgate::bench {
namespace {

double number(json::Value value) { return std::strtod(std::string(value.text()).c_str(), nullptr); }
std::string text(json::Value value) { return std::string(value.text()); }

/// A line for each, header and snapshot separated by a tab: too much for one JSON document.
std::vector<Subscriber> read_subscribers(const std::string& file) {
  std::ifstream in(file);
  std::vector<Subscriber> subscribers;
  Subscriber subscriber;
  while (std::getline(in, subscriber.header, '\t') && std::getline(in, subscriber.snapshot)) {
    subscribers.push_back(subscriber);
  }
  if (subscribers.empty()) give_up("cannot read " + file);
  return subscribers;
}

}  // namespace

Workload read_workload(const std::string& folder) {
  const std::string file = folder + "/workload.json";
  std::ifstream in(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  json::Document document;
  if (!in || !document.parse(content).ok()) give_up("cannot read " + file);
  const json::Value root = document.root();

  Workload workload;
  workload.now = number(root.member("now"));
  workload.policies = text(root.member("policies"));
  workload.policy_count = static_cast<std::size_t>(number(root.member("policyCount")));
  workload.subscribers = read_subscribers(folder + "/subscribers.tsv");
  for (const json::Value each : root.member("questions")) {
    workload.questions.push_back(
        {text(each.member("header")), static_cast<std::uint32_t>(number(each.member("policy"))),
         static_cast<std::uint32_t>(number(each.member("status"))), text(each.member("answer"))});
  }
  for (const json::Value each : root.member("usage")) workload.usage[std::string(each.name())] = number(each);
  for (const json::Value each : root.member("warm")) workload.warm.push_back(text(each));
  if (workload.warm.empty() || workload.questions.empty()) give_up(file + " has no requests");
  return workload;
}

}  // namespace tollgate::bench
