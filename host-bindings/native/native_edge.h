#pragma once

#include "host-bindings/common/edge_instance.h"

#include <memory>
#include <string>

namespace tollgate::host {

/// The edge module compiled for the machine itself. A process has one instance of it, so `make` hands out one at a time
/// and fails while that one lives; a new one starts afresh, with `init` still to be called. A trap ends the process:
/// nothing separates the module from its host here.
class NativeEdge final : public EdgeInstance {
 public:
  static Result<std::unique_ptr<EdgeInstance>, std::string> make();
  ~NativeEdge() override;

  Word abi_version() override { return tg_abi_version(); }

  Answer init() override { return tg_init(); }
  Answer configure(std::uint32_t length, std::uint32_t key_format) override { return tg_configure(length, key_format); }
  Answer build_id(std::uint32_t length) override { return tg_build_id(length); }
  Answer bucket(std::uint32_t length) override { return tg_bucket(length); }
  Answer policy(std::uint32_t policy) override { return tg_policy(policy); }

  Answer check(std::uint32_t policy, std::uint32_t header_length, double now_ms) override {
    return tg_check(policy, header_length, now_ms);
  }
  Answer check_known(std::uint32_t policy, std::uint32_t record, double now_ms) override {
    return tg_check_known(policy, record, now_ms);
  }
  Answer resume(std::uint32_t handle, std::int32_t status, std::uint32_t length, double taken_at_ms,
                double now_ms) override {
    return tg_resume(handle, status, length, taken_at_ms, now_ms);
  }
  Word next_woken() override { return tg_next_woken(); }
  Answer poll(std::uint32_t handle, double now_ms) override { return tg_poll(handle, now_ms); }
  Answer take_over(std::uint32_t handle, double now_ms) override { return tg_take_over(handle, now_ms); }
  Answer abandon(std::uint32_t handle) override { return tg_abandon(handle); }

  Word record(std::uint32_t handle) override { return tg_record(handle); }
  Answer identity(std::uint32_t handle) override { return tg_identity(handle); }
  Answer meters(std::uint32_t length) override { return tg_meters(length); }
  Answer finish(std::uint32_t handle, std::uint32_t status, std::uint32_t length) override {
    return tg_finish(handle, status, length);
  }

  Answer problem(std::int32_t result, std::uint32_t policy, std::uint32_t length, double now_ms) override {
    return tg_problem(result, policy, length, now_ms);
  }
  Answer quota_headers(std::int32_t result, std::uint32_t policy, double now_ms) override {
    return tg_quota_headers(result, policy, now_ms);
  }
  Answer explain(std::uint32_t policy, std::uint32_t header_length, double now_ms) override {
    return tg_explain(policy, header_length, now_ms);
  }

  Answer drain(std::uint32_t max_events) override { return tg_drain(max_events); }
  Answer delivered(std::uint32_t batch) override { return tg_delivered(batch); }
  Answer failed(std::uint32_t batch) override { return tg_failed(batch); }

  Answer stats() override { return tg_stats(); }

 private:
  NativeEdge();
};

}  // namespace tollgate::host
