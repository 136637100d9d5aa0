#include "control/ledger_calls.h"

#include "control/api_keys.h"

namespace tollgate::control {

const Answer* LedgerCalls::ask(std::string ledger, std::string_view path, std::string body) {
  const std::string question = digest_hex(std::string(ledger).append("\n").append(path).append("\n").append(body));
  for (const Answer& answer : request_.answers) {
    if (answer.question == question) return &answer;
  }
  needs_.push_back({question, std::move(ledger), std::string(path), std::move(body)});
  return nullptr;
}

Response LedgerCalls::suspended() {
  Response response;
  response.needs = std::move(needs_);
  return response;
}

}  // namespace tollgate::control
