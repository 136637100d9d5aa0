#pragma once

#include "base/text_buffer.h"
#include "policy/engine.h"

#include <cstdint>
#include <string_view>

namespace tollgate::json {

/// What the problem body tells about the request beside the refusal (S2.3).
struct RequestTrace {
  std::string_view instance;  ///< path of the request
  std::string_view request_id;
  std::string_view build_id;
  std::int64_t now = 0;
};

/// The `application/problem+json` body of a refusal. Texts from the request are escaped, never reflected raw.
void write_problem(const Verdict& verdict, const Policy& policy, const NameTable& names, const RequestTrace& trace,
                   TextBuffer& to);

/// `[{"check", "name", "passed", "detail"?}, …]`: the fifteen checks, for people.
void write_explanation(const Engine::Explanation& explanation, const Policy& policy, const Engine& engine,
                       TextBuffer& to);

/// A policy with its defaults filled in.
void write_policy(const Policy& policy, const NameTable& names, TextBuffer& to);

/// Counters and gauges by name.
void write_stats(const Engine& engine, TextBuffer& to);

/// `RateLimit` fields of an allowed request and `Retry-After` of one whose quota is spent, where the policy has them on
/// (S2.8); `Retry-After` of every refusal with status 503. As lines `Name: value\n`; nothing when the record does not
/// tell limit and period.
void write_quota_headers(const Verdict& verdict, std::size_t policy, const Engine& engine, RecordTag record,
                         std::int64_t now, TextBuffer& to);

}  // namespace tollgate::json
