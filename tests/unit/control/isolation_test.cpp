#include "control/bucket/bucket.h"
#include "control/router.h"
#include "tests/unit/control/isolation_world.h"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <ostream>

using namespace tollgate;
using namespace tollgate::test;
using control::kBuckets;

namespace tollgate::test {

/// For the report of a property that fails.
void showValue(const Attempt& attempt, std::ostream& to) {
  const ExpectedRoute& route = expected_routes()[attempt.route];
  to << kBuckets[attempt.holder] << "/" << kRoleNames[attempt.role] << " to " << kBuckets[attempt.target] << ": "
     << route.method << " " << route.path << " (" << attempt.names << ")";
}

}  // namespace tollgate::test

namespace rc {

template <>
struct Arbitrary<Attempt> {
  static Gen<Attempt> arbitrary() {
    const auto bucket = gen::inRange<std::size_t>(0, kBuckets.size());
    // Half of the keys are tried where they belong, the others anywhere.
    return gen::apply(
        [](std::size_t route, std::size_t holder, std::size_t role, std::size_t target, bool at_home,
           std::uint32_t names) { return Attempt{route, holder, role, at_home ? holder : target, names}; },
        gen::inRange<std::size_t>(0, expected_routes().size()), bucket, gen::inRange<std::size_t>(0, kRoleNames.size()),
        bucket, gen::arbitrary<bool>(), gen::inRange(0U, 1'000'000U));
  }
};

}  // namespace rc

namespace {

/// The bucket that an object or an entry of KV belongs to.
std::string_view bucket_of(std::string_view name) { return name.substr(0, name.find('/')); }

bool belongs_elsewhere(const std::string& name, const Attempt& attempt) {
  return bucket_of(name) != kBuckets[attempt.target];
}

using Contents = std::map<std::string, std::string>;

/// Without what belongs to the bucket that the request is for.
Contents elsewhere(Contents contents, const Attempt& attempt) {
  std::erase_if(contents, [&](const auto& entry) { return !belongs_elsewhere(entry.first, attempt); });
  return contents;
}

/// Refusals that are left to a handler, whatever the role.
bool is_refusal_of_handler(std::string_view code) {
  return code == "operator_only" || code == "not_in_production" || code == "plan_private";
}

void check_answer(const IsolationWorld& world, const Attempt& attempt, const IsolationWorld::Outcome& outcome) {
  const int status = outcome.reply.status();
  const std::string code = outcome.reply["code"];
  RC_LOG(outcome.request);
  RC_LOG(outcome.reply.response.body);
  RC_ASSERT(status < 500);
  if (attempt.holder != attempt.target) {
    RC_ASSERT(status == 403);
    RC_ASSERT(code == "other_bucket");
  } else if (!IsolationWorld::may(attempt)) {
    RC_ASSERT(status == 403);
    RC_ASSERT(code == "role");
  } else {
    RC_ASSERT(status != 401);
    RC_ASSERT(status != 403 || is_refusal_of_handler(code));
  }
  for (std::size_t bucket = 0; bucket < kBuckets.size(); ++bucket) {
    if (bucket == attempt.target) continue;
    for (const std::string& secret : world.secrets(bucket)) {
      const bool told = outcome.reply.response.body.find(secret) != std::string::npos;
      RC_ASSERT(!told || outcome.sent.find(secret) != std::string::npos);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(isolation)

BOOST_AUTO_TEST_CASE(every_route_is_in_the_table_of_the_test) {
  std::vector<std::string> expected;
  for (const ExpectedRoute& route : expected_routes()) {
    std::string pattern;
    for (std::string_view rest = route.path; !rest.empty();) {
      const std::string_view segment = rest.substr(0, rest.find('/'));
      pattern.append(pattern.empty() ? "" : "/").append(segment.starts_with('$') ? "{}" : segment);
      rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
    }
    expected.push_back(std::string(route.method) + " " + pattern);
  }
  std::vector<std::string> actual;
  for (const control::RouteName& route : control::route_names()) {
    actual.push_back(std::string(route.method) + " " + std::string(route.pattern));
  }
  std::sort(expected.begin(), expected.end());
  std::sort(actual.begin(), actual.end());
  BOOST_TEST(actual == expected, boost::test_tools::per_element());
}

// Every role at every route, with names of its own bucket.
BOOST_AUTO_TEST_CASE(a_role_does_what_the_table_says) {
  for (std::size_t route = 0; route < expected_routes().size(); ++route) {
    IsolationWorld world;
    for (std::size_t role = 0; role < kRoleNames.size(); ++role) {
      const Attempt attempt{route, 0, role, 0, 0};
      const IsolationWorld::Outcome outcome = world.send(attempt);
      const bool refused = outcome.reply.status() == 403 && outcome.reply["code"] == "role";
      BOOST_TEST(refused == !IsolationWorld::may(attempt), outcome.request << ": " << outcome.reply.response.body);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_request_to_one_bucket_reads_or_changes_another) {
  const bool holds = rc::check("random service keys at random routes", [] {
    const auto attempts = *rc::gen::resize(24, rc::gen::arbitrary<std::vector<Attempt>>());
    IsolationWorld world;
    Contents before = world.contents();
    for (const Attempt& attempt : attempts) {
      const IsolationWorld::Outcome outcome = world.send(attempt);
      check_answer(world, attempt, outcome);
      Contents after = world.contents();
      RC_ASSERT(elsewhere(after, attempt) == elsewhere(before, attempt));
      if (!outcome.reply.response.commits()) RC_ASSERT(after == before);
      before = std::move(after);
    }
  });
  BOOST_TEST(holds);
}

BOOST_AUTO_TEST_SUITE_END()
