#pragma once

#include "calendar/instant.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// What an object is; one module serves both.
enum class Role : std::uint8_t {
  bucket,  ///< catalog, customers, subscriptions, keys, outbox of one bucket
  ledger,  ///< events and usage of one subscription
};

/// Who is asking.
enum class Entry : std::uint8_t {
  api,   ///< somebody outside, over HTTP: to be authenticated
  host,  ///< our own host or another object of ours; never reachable from outside
};

struct Header {
  std::string_view name;
  std::string_view value;
};

/// What a ledger answered to a `ObjectRequest` of an earlier pass.
struct Answer {
  std::string_view question;  ///< `ObjectRequest::question` of what it answers
  std::int32_t status = 0;    ///< 0: unreachable
  std::string_view body;
};

/// What the operator configured; the same for every request.
struct Settings {
  std::string_view admin_key;  ///< TOLLGATE_ADMIN_KEY
  bool local = false;          ///< a developer's machine: the well-known default key is accepted
};

/// One request to one object, as its host hands it over. A response is a function of this and of the database, so a
/// request may be run again (see `Response::needs`). Everything is borrowed for the length of the call.
struct Request {
  Role role = Role::bucket;
  Entry entry = Entry::api;
  std::string_view object;  ///< `working-copy` of a bucket, `working-copy/01K…` of a ledger
  std::string_view method;
  std::string_view target;  ///< path and query as received: `/v3/metering/working-copy/meters?page=2`
  std::vector<Header> headers;
  std::string_view body;
  Instant now;
  std::string_view seed;  ///< `kSeedBytes` random bytes, the same in every pass
  Settings settings;
  std::vector<Answer> answers;  ///< to all ledger requests of the earlier passes

  /// The header's value; empty when the request has none. Names are compared without case.
  std::string_view header(std::string_view name) const;
};

/// The subscription whose ledger a request is for: the last part of the object's name.
std::string_view subscription_of(const Request& request);

inline constexpr std::size_t kSeedBytes = 32;

}  // namespace tollgate::control
