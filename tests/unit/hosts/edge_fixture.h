#pragma once

#include "base/sha256.h"
#include "host-bindings/common/gate.h"
#include "host-bindings/native/native_edge.h"
#include "host-bindings/wasmtime/edge_module.h"

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace tollgate::host::test {

// The hosts that every suite of this folder runs on. The tests run in the root of the checkout.

struct Native {
  static MakeEdge maker() { return NativeEdge::make; }
};

/// Compiled once for all tests.
inline std::shared_ptr<EdgeModule> module_of(const std::string& file) {
  auto module = EdgeModule::load(file, InstanceLimits::counting());
  if (!module.ok()) BOOST_FAIL(module.error());
  return *module;
}

struct WasmtimeWasi {
  static MakeEdge maker() {
    static const auto module = module_of("build/wasi/edge.wasm");
    return module->maker();
  }
};

struct WasmtimeEmscripten {
  static MakeEdge maker() {
    static const auto module = module_of("build/emscripten/edge.wasm");
    return module->maker();
  }
};

using Hosts = boost::mpl::list<Native, WasmtimeWasi, WasmtimeEmscripten>;

inline constexpr double kNow = 1'768'471'200'000;  // 2026-01-15T10:00:00Z
inline constexpr double kMinute = 60'000;

inline std::string policies(const std::string& options) {
  return R"([{"name":"p","policyType":"monetization-inbound","handler":{"export":"MonetizationInboundPolicy","options":)" +
         options + "}}]";
}

inline constexpr const char* kOneRequest = R"({"meters":{"api_requests":1},"quota":"cached"})";

/// A snapshot of a paid subscription with this much left.
inline std::string snapshot(int balance) {
  return R"({"id":"01KNVXHQG356VA7T7W0V9N21GH","customerId":"01KNVXHQG356VA7T7W0V9N21GJ","name":"Pro","status":"active",)"
         R"("currency":"USD","plan":{"id":"01KNVXHQG356VA7T7W0V9N21GK","key":"pro","name":"Pro","version":1},)"
         R"("entitlements":{"api_requests":{"type":"metered","isSoftLimit":false,"hasAccess":true,"usage":0,"overage":0,)"
         R"("limit":10,"period":{"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z"},"balance":)" +
         std::to_string(balance) +
         R"(}},"paymentStatus":{"status":"paid","isFirstPayment":false,"lastPaymentSucceededAt":"2026-01-01T00:00:00Z"},)"
         R"("billingCadence":"P1M","billingAnchor":"2025-10-01T00:00:00Z","nextBillingDate":"2026-02-01T00:00:00Z",)"
         R"("activeFrom":"2025-10-01T00:00:00Z","maxPaymentOverdueDays":3,"consumer":"acme-prod",)"
         R"("createdAt":"2025-10-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"})";
}

inline std::string digest_of(std::string_view key) {
  std::string digits(Digest::kHexLength, '0');
  sha256(key).write_hex(digits.data());
  return digits;
}

inline Seed fixed_seed() {
  Seed seed{};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
  return seed;
}

/// A configured instance, called directly. What traps fails the test.
template <class Host>
class Edge {
 public:
  explicit Edge(const std::string& options = kOneRequest) {
    auto made = Host::maker()();
    if (!made.ok()) BOOST_FAIL(made.error());
    edge_ = std::move(*made);
    const Seed seed = fixed_seed();
    edge_->put({reinterpret_cast<const char*>(seed.data()), seed.size()});
    BOOST_REQUIRE_EQUAL(of(edge_->init()), 0);
    const std::int32_t count = of(edge_->configure(put(policies(options)), TG_KEY_ANY));
    BOOST_REQUIRE_MESSAGE(count == 1, std::string(edge_->sentence()));
  }

  EdgeInstance* operator->() { return edge_.get(); }
  const MailboxWords& mailbox() const { return edge_->mailbox(); }
  std::uint32_t put(std::string_view text) { return edge_->put(text); }
  std::string output(std::int32_t length) const { return std::string(edge_->output(length)); }

  template <class T>
  static T of(const Result<T, Trap>& answer) {
    if (!answer.ok()) BOOST_FAIL(answer.error().message);
    return *answer;
  }

  std::int32_t check(std::string_view key, double now = kNow) {
    return of(edge_->check(0, put("Bearer " + std::string(key)), now));
  }
  std::int32_t resume(std::uint32_t handle, std::int32_t status, std::string_view body = {}, double now = kNow) {
    return of(edge_->resume(handle, status, put(body), now, now));
  }
  std::int32_t poll(std::uint32_t handle, double now = kNow) { return of(edge_->poll(handle, now)); }
  std::int32_t take_over(std::uint32_t handle) { return of(edge_->take_over(handle, kNow)); }
  std::int32_t abandon(std::uint32_t handle) { return of(edge_->abandon(handle)); }
  std::uint32_t next_woken() { return of(edge_->next_woken()); }
  std::int32_t finish(std::int32_t handle, std::uint32_t status = 200) {
    return of(edge_->finish(static_cast<std::uint32_t>(handle), status, 0));
  }

  /// The handle of a request that must have been suspended for `effect`.
  std::uint32_t suspended(std::int32_t result, std::uint32_t effect) const {
    BOOST_REQUIRE_EQUAL(result, 0);
    BOOST_REQUIRE_EQUAL(mailbox().effect, effect);
    return mailbox().handle;
  }
  /// Asks for a key that is in no cache, up to its question to the control plane; returns the handle.
  std::uint32_t ask_control_plane(std::string_view key, double now = kNow) {
    const std::uint32_t handle = suspended(check(key, now), TG_EFFECT_KV_GET);
    return suspended(resume(handle, 404, {}, now), TG_EFFECT_FETCH);
  }
  /// Puts the key into the cache with this balance, unused.
  void know(std::string_view key, int balance) {
    const std::int32_t allowed = resume(ask_control_plane(key), 200, snapshot(balance));
    BOOST_REQUIRE_GT(allowed, 0);
    BOOST_REQUIRE_EQUAL(abandon(static_cast<std::uint32_t>(allowed)), 0);
  }

  /// The `detail` that a denial is explained with, through its problem body.
  std::string problem(std::int32_t result) {
    const std::uint32_t length = put(std::string_view("/path\0req_1", 11));
    return output(of(edge_->problem(result, 0, length, kNow)));
  }
  /// The next batch of events, empty when there is none.
  std::string drain() { return output(of(edge_->drain(100))); }

 private:
  std::unique_ptr<EdgeInstance> edge_;
};

/// Whether `text` has `part` in it.
inline bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace tollgate::host::test
