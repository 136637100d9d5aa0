#include "control/http/object_calls.h"

#include "base/sha256.h"
#include "control/http/context.h"

#include <algorithm>

namespace tollgate::control {

const Answer* ObjectCalls::ask(Role role, std::string object, std::string_view path, std::string body) {
  const std::string question = digest_hex(std::string(object).append("\n").append(path).append("\n").append(body));
  for (const Answer& answer : request_.answers) {
    if (answer.question == question) return &answer;
  }
  // Several keys of one subscription ask the same of its ledger.
  const bool is_asked =
      std::any_of(needs_.begin(), needs_.end(), [&](const ObjectRequest& need) { return need.question == question; });
  if (is_asked) return nullptr;
  needs_.push_back({question, role, std::move(object), std::string(path), std::move(body), now_});
  return nullptr;
}

Response ObjectCalls::suspended() {
  Response response;
  response.needs = std::move(needs_);
  return response;
}

std::string ledger_name(const Context& context, std::string_view subscription_id) {
  return std::string(context.bucket()).append("/").append(subscription_id);
}

Response ledger_unavailable(const Context& context) {
  return problem(context.request, 503, "ledger_unavailable", "The subscription's ledger did not answer; try again.");
}

}  // namespace tollgate::control
