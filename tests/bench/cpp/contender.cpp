#include "tests/bench/cpp/contender.h"

#include "json/document.h"

#include <cstdlib>
#include <utility>

namespace tollgate::bench {
namespace {

constexpr std::uint32_t kMaxBatchEvents = 100;
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kQuestionsPerDrain = 100;

/// Adds a batch's events up by `subscription meter`.
void add_up(std::string_view batch, std::map<std::string, double>& usage) {
  json::Document document;
  if (!document.parse(batch).ok()) give_up("a batch is no JSON");
  for (const json::Value event : document.root()) {
    const std::string name =
        std::string(event.member("subscription").text()) + " " + std::string(event.member("type").text());
    usage[name] += std::strtod(std::string(event.member("data").member("total").text()).c_str(), nullptr);
  }
}

}  // namespace

Contender::Contender(std::string name, std::unique_ptr<host::EdgeInstance> edge, const Workload& workload)
    : name_(std::move(name)), edge_(std::move(edge)) {
  edge_->put(std::string(kSeedBytes, '\7'));
  of(edge_->init());
  const std::int32_t policies = of(edge_->configure(edge_->put(workload.policies), TG_KEY_ANY));
  if (policies != static_cast<std::int32_t>(workload.policy_count)) give_up(name_ + " refuses the policies");
  for (const Subscriber& subscriber : workload.subscribers) {
    const std::int32_t result = decide(subscriber.header, 0, subscriber.snapshot, workload.now);
    if (result > 0) of(edge_->abandon(static_cast<std::uint32_t>(result)));
  }
}

std::int32_t Contender::decide(const std::string& header, std::uint32_t policy,
                               const std::optional<std::string>& snapshot, double now) {
  std::int32_t result = of(edge_->check(policy, edge_->put(header), now));
  const std::int32_t status = snapshot ? 200 : 404;
  while (result == 0) {
    const std::uint32_t length = edge_->put(snapshot.value_or(""));
    result = of(edge_->resume(edge_->mailbox().handle, status, length, now, now));
  }
  return result;
}

std::string Contender::answer(const Question& question, double now) {
  const std::int32_t result = decide(question.header, question.policy, std::nullopt, now);
  if (result > 0) {
    of(edge_->finish(static_cast<std::uint32_t>(result), question.status, 0));
    return "allowed";
  }
  const std::uint32_t length = edge_->put(std::string_view("/\0req", 5));
  const std::string body(edge_->output(of(edge_->problem(result, question.policy, length, now))));
  json::Document document;
  if (!document.parse(body).ok()) give_up("a refusal is no JSON");
  return std::string(document.root().member("code").text());
}

void Contender::drain(const std::function<void(std::string_view)>& visit) {
  for (;;) {
    const std::int32_t length = of(edge_->drain(kMaxBatchEvents));
    if (length <= 0) return;
    visit(edge_->output(length));
    of(edge_->delivered(edge_->mailbox().batch));
  }
}

void verify(Contender& contender, const Workload& workload) {
  std::map<std::string, double> usage;
  const auto collect = [&usage](std::string_view batch) { add_up(batch, usage); };
  for (std::size_t i = 0; i < workload.questions.size(); ++i) {
    const std::string answer = contender.answer(workload.questions[i], workload.now + 1);
    if (answer != workload.questions[i].answer) {
      give_up(contender.name() + " answers question " + std::to_string(i) + " with " + answer + ", not " +
              workload.questions[i].answer);
    }
    if (i % kQuestionsPerDrain == 0) contender.drain(collect);
  }
  contender.drain(collect);
  if (usage != workload.usage) give_up(contender.name() + " does not record what was used");
}

}  // namespace tollgate::bench
