#pragma once

#include <cstdint>

/// The C ABI of the edge module, version 2. wasm/ABI.md is its manual; this header is what a host in C++ includes and
/// what the module's exports are checked against. Pointers are 32-bit offsets into the module's memory in Wasm builds
/// and real pointers in the native build, which is why only `tg_mailbox` hands one out.

extern "C" {

/// Words that host and module share; one per instance, at a fixed place. `input` and `output` never move.
struct tg_mailbox_t {
  std::uintptr_t input;          ///< where the host writes what a call takes
  std::uint32_t input_capacity;  ///< bytes there that may be written
  std::uintptr_t output;         ///< where a call leaves what it answers
  std::uint32_t output_capacity;
  std::uint32_t handle;         ///< after a suspended result: the request that waits
  std::uint32_t effect;         ///< after a suspended result: a tg_effect
  std::uint32_t record;         ///< after check, resume, poll: tag of the cache record behind the answer, 0 for none
  std::uint32_t store_seconds;  ///< after resume: > 0: put the snapshot just given into KV for this long
  std::uint32_t woken;          ///< after resume, abandon: how many handles tg_next_woken will give
  std::uint32_t status;         ///< after tg_problem: the HTTP status
  std::uint32_t batch;          ///< after tg_drain: the batch's id
  std::uint32_t events;         ///< after tg_drain: how many events the batch has
  std::uint32_t taken;  ///< after tg_resume: tag of the record that now holds the snapshot just given, 0: not taken
};

/// What a suspended request needs (`tg_mailbox_t::effect`). For the first two, the output holds the 64 hexadecimal
/// digits of the key's SHA-256.
enum tg_effect : std::uint32_t {
  TG_EFFECT_NONE = 0,
  TG_EFFECT_KV_GET = 1,  ///< read the snapshot from KV, then tg_resume
  TG_EFFECT_FETCH = 2,   ///< ask the control plane for the snapshot, then tg_resume
  TG_EFFECT_WAIT = 3,    ///< another request is fetching the same key: wait until tg_next_woken names this handle
};

/// Results of check, check_known, resume, poll and take_over:
///   > 0  allowed; the value is the request's handle, owed to tg_finish or tg_abandon
///   = 0  suspended; see the mailbox
///   < 0  denied; the value describes the refusal to tg_problem; nothing is owed
/// TG_UNKNOWN_RECORD (check_known only): the tag is out of date, use tg_check.
/// TG_STALE (resume, poll, take_over, finish, abandon …): the handle is not, or no longer, of a live request.
enum : std::int32_t {
  TG_UNKNOWN_RECORD = INT32_MIN,
  TG_STALE = INT32_MIN + 1,
};

/// Of tg_resume: what came of the effect. Otherwise an HTTP status: 200, 401 and 404 have meanings of their own, any
/// other counts as an outage.
enum : std::int32_t {
  TG_UNREACHABLE = 0,
};

/// `header_length` of tg_check for a request without the header.
inline constexpr std::uint32_t TG_NO_HEADER = UINT32_MAX;

/// `key_format` of tg_configure.
enum tg_key_format : std::uint32_t { TG_KEY_ANY = 0, TG_KEY_TGK = 1 };

std::uint32_t tg_abi_version();
tg_mailbox_t* tg_mailbox();

std::int32_t tg_init();
std::int32_t tg_configure(std::uint32_t length, std::uint32_t key_format);
std::int32_t tg_build_id(std::uint32_t length);
std::int32_t tg_bucket(std::uint32_t length);
std::int32_t tg_policy(std::uint32_t policy);

std::int32_t tg_check(std::uint32_t policy, std::uint32_t header_length, double now_ms);
std::int32_t tg_check_known(std::uint32_t policy, std::uint32_t record, double now_ms);
std::int32_t tg_resume(std::uint32_t handle, std::int32_t status, std::uint32_t length, double taken_at_ms,
                       double now_ms);
std::uint32_t tg_next_woken();
std::int32_t tg_poll(std::uint32_t handle, double now_ms);
std::int32_t tg_take_over(std::uint32_t handle, double now_ms);
std::int32_t tg_abandon(std::uint32_t handle);

std::uint32_t tg_record(std::uint32_t handle);
std::int32_t tg_identity(std::uint32_t handle);
std::int32_t tg_meters(std::uint32_t length);
std::int32_t tg_finish(std::uint32_t handle, std::uint32_t status, std::uint32_t length);

std::int32_t tg_problem(std::int32_t result, std::uint32_t policy, std::uint32_t length, double now_ms);
std::int32_t tg_quota_headers(std::int32_t result, std::uint32_t policy, double now_ms);
std::int32_t tg_explain(std::uint32_t policy, std::uint32_t header_length, double now_ms);

std::int32_t tg_drain(std::uint32_t max_events);
std::int32_t tg_delivered(std::uint32_t batch);
std::int32_t tg_failed(std::uint32_t batch);

std::int32_t tg_stats();

}  // extern "C"
