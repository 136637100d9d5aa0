#pragma once

#include "gateway/field_edits.h"
#include "gateway/routes.h"

#include <span>
#include <string>
#include <string_view>

namespace tollgate::gateway {

/// One line of a message's head.
struct FieldLine {
  std::string_view name;
  std::string_view value;
};

/// Which fields of a request do not go to the upstream: those between two neighbours (RFC 9110, 7.6.1), those that only
/// we may set, in any spelling that servers fold, and the credential. The same for every request with the same names
/// and the same `connection`, so that a host may remember it.
///
/// @param connection  the value of `Connection`, all of its lines joined; what it names counts
FieldEdits request_fields(const Route& route, std::string_view connection, std::span<const std::string_view> names);

/// Who calls, as the host knows it.
struct Caller {
  std::string_view host;          ///< as received, with its port
  std::string_view scheme;        ///< `http` or `https`
  std::string_view address;       ///< of the client, without a port; empty where it is not known
  std::string_view consumer;      ///< of the key; empty on an open route
  std::string_view subscription;  ///< likewise
};

/// What is added last: `X-Forwarded-*` and `Forwarded`, `x-tollgate-*`, percent-encoded, and `accept-encoding` where
/// the body of the response is to be read.
FieldEdits own_fields(const Route& route, const Caller& caller);

/// What becomes of the fields of a response: those between neighbours go, and those that meters are read from;
/// `Location` of the upstream's own origin becomes a path of ours; what answered an authenticated request is kept by no
/// shared cache, unless the route says so; CORS is ours where the route has it.
///
/// @param origin  the request's `Origin`, empty for none
FieldEdits response_fields(const Routes& routes, const Route& route, std::string_view origin,
                           std::span<const FieldLine> lines);

}  // namespace tollgate::gateway
