#pragma once

#include "host-bindings/wasmtime/edge_module.h"

#include <boost/test/unit_test.hpp>
#include <wasmtime.hh>

#include <string>
#include <string_view>

namespace tollgate::host::test {

/// `now` of a check that makes a small module misbehave in one way.
enum Misbehaviour : int { kUnreachable = 1, kEndless = 2, kRecursive = 3, kOutOfBounds = 4 };

/// A module that is a stranger to ours: it has the exports of wasm/edge_abi.h, and is written to misbehave. One policy;
/// a check is allowed with handle 7, unless its `now` is a `Misbehaviour`. Texts name what differs from that.
struct SmallModule {
  std::string memory = "1 1";  ///< pages, first and most
  std::string mailbox = "16";
  std::string check = "tg_check";          ///< name of the export
  std::string check_type = "i32 i32 f64";  ///< its parameters
  std::string import = "";

  std::string text() const {
    return "(module " + import + "(memory (export \"memory\") " + memory + ")" +
           // The mailbox at 16: input at 1024, output at 4096, which holds the description of the one policy.
           R"((data (i32.const 16) "\00\04\00\00\00\08\00\00\00\10\00\00\00\08\00\00"))"
           R"((data (i32.const 4096) "{\22name\22:\22p\22,\22authHeader\22:\22a\22,\22quotaHeaders\22:false}"))"
           R"((func (export "tg_abi_version") (result i32) i32.const 2))"
           R"((func (export "tg_mailbox") (result i32) i32.const )" +
           mailbox + ")" + answering("tg_init", "", 0) + answering("tg_configure", "i32 i32", 1) +
           answering("tg_build_id", "i32", 0) + answering("tg_bucket", "i32", 0) +
           answering("tg_policy", "i32", kPolicyLength) + misbehaving_check() +
           answering("tg_check_known", "i32 i32 f64", 7) + answering("tg_resume", "i32 i32 i32 f64 f64", 7) +
           answering("tg_next_woken", "", 0) + answering("tg_poll", "i32 f64", 7) +
           answering("tg_take_over", "i32 f64", 7) + answering("tg_abandon", "i32", 0) +
           answering("tg_record", "i32", 0) + answering("tg_identity", "i32", 0) + answering("tg_meters", "i32", 0) +
           answering("tg_finish", "i32 i32 i32", 3) + answering("tg_problem", "i32 i32 i32 f64", 0) +
           answering("tg_quota_headers", "i32 i32 f64", 0) + answering("tg_explain", "i32 i32 f64", 0) +
           answering("tg_drain", "i32", 0) + answering("tg_delivered", "i32", 0) + answering("tg_failed", "i32", 0) +
           answering("tg_stats", "", 2) + ")";
  }

  std::shared_ptr<EdgeModule> compile(InstanceLimits limits) const {
    const auto module = try_compile(limits);
    if (!module.ok()) BOOST_FAIL(module.error());
    return *module;
  }
  EdgeModule::Loaded try_compile(InstanceLimits limits) const {
    auto bytes = wasmtime::wat2wasm(text());
    if (!bytes) BOOST_FAIL(bytes.err().message());
    const auto wasm = bytes.ok();
    return EdgeModule::compile(wasm, limits);
  }

 private:
  static constexpr int kPolicyLength = sizeof R"({"name":"p","authHeader":"a","quotaHeaders":false})" - 1;

  static std::string answering(std::string_view name, std::string_view parameters, int result) {
    return "(func (export \"" + std::string(name) + "\") (param " + std::string(parameters) +
           ") (result i32) i32.const " + std::to_string(result) + ")";
  }
  static std::string when(int now, std::string_view body) {
    return "(if (f64.eq (local.get 2) (f64.const " + std::to_string(now) + ")) (then " + std::string(body) + "))";
  }
  std::string misbehaving_check() const {
    return "(func $deeper (param f64) (result f64) (f64.add (f64.const 1) (call $deeper (local.get 0))))"
           "(func (export \"" +
           check + "\") (param " + check_type + ") (result i32)" + when(kUnreachable, "unreachable") +
           when(kEndless, "(loop $again (br $again))") + when(kRecursive, "(drop (call $deeper (f64.const 0)))") +
           when(kOutOfBounds, "(drop (i32.load (i32.const 0x7fffffff)))") + "i32.const 7)";
  }
};

}  // namespace tollgate::host::test
