#pragma once

#include "control/port/request.h"
#include "control/port/response.h"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// The other objects that a handler asks (see `Response::needs`). A handler asks for all it can know to ask for, then
/// checks `waiting()`:
///
///     const Answer* usage = context.objects.ask_ledger(ledger, "/ledger/usage", body);
///     if (context.objects.waiting()) return context.objects.suspended();
///
/// Answers are found by a digest of what was asked, not by their order: while objects are being asked, other requests
/// are served and the next pass may find a changed database.
class ObjectCalls {
 public:
  /// `now` is the domain's: a ledger lives in the time of its bucket.
  ObjectCalls(const Request& request, Instant now) : request_(request), now_(now) {}

  /// The answer, or null while there is none: it will be asked for.
  const Answer* ask_ledger(std::string ledger, std::string_view path, std::string body) {
    return ask(Role::ledger, std::move(ledger), path, std::move(body));
  }
  const Answer* ask_bucket(std::string bucket, std::string_view path, std::string body) {
    return ask(Role::bucket, std::move(bucket), path, std::move(body));
  }

  bool waiting() const { return !needs_.empty(); }
  Response suspended();

 private:
  const Answer* ask(Role role, std::string object, std::string_view path, std::string body);

  const Request& request_;
  Instant now_;
  std::vector<ObjectRequest> needs_;
};

struct Context;

/// The name of a subscription's ledger object.
std::string ledger_name(const Context& context, std::string_view subscription_id);

/// 503: the usage is in a ledger that did not answer.
Response ledger_unavailable(const Context& context);

}  // namespace tollgate::control
