// The exports of the edge module: each checks, decodes, calls and encodes. wasm/ABI.md is the manual.

#include "base/ulid.h"
#include "edge_abi.h"
#include "json/edge_answers.h"
#include "json/policies.h"
#include "json/runtime_meters.h"
#include "json/snapshot.h"
#include "json/usage_events.h"

#include <algorithm>
#include <cstring>
#include <new>

#if defined(__wasm__)
#define TG_EXPORT(name) extern "C" __attribute__((export_name(#name), used))
#else
#define TG_EXPORT(name) extern "C"
#endif

namespace {

using namespace tollgate;

constexpr std::size_t kInput = limits::kMaxSnapshotBytes;
/// A batch of a hundred merged events with long names takes 45 KB.
constexpr std::size_t kOutput = 48 * 1024;
constexpr std::size_t kRandomBytes = 32;

/// Everything that one instance is. Zero-initialized: an instance starts without writing to it.
struct Instance {
  char input[kInput + json::kPadding];
  char output[kOutput];
  tg_mailbox_t mailbox;
  alignas(json::Reader) std::byte reader_storage[sizeof(json::Reader)];  // made by tg_init: no constructor runs before
  Engine engine;
  char name[Ulid::kLength];
  char build_id[limits::kMaxBuildId];
  std::uint32_t build_id_length;
  char bucket[limits::kMaxBucketName];
  std::uint32_t bucket_length;
  bool started;
  bool configured;

  json::Reader& reader() { return *std::launder(reinterpret_cast<json::Reader*>(reader_storage)); }

  std::string_view name_text() const { return {name, sizeof name}; }
  std::string_view bucket_text() const { return {bucket, bucket_length}; }
  std::string_view input_text(std::uint32_t length) const { return {input, std::min<std::size_t>(length, kInput)}; }
};

constinit Instance instance{};
constinit Snapshot decoded{};  // apart, because it is not all zeros and would make a data segment of the whole

TextBuffer answer() { return TextBuffer(instance.output); }

/// Ends a sentence for the host with a zero, as the manual promises, and says "no".
std::int32_t refuse(TextBuffer& sentence) {
  instance.output[std::min(sentence.size(), kOutput - 1)] = '\0';
  return -1;
}

std::int32_t length_of(const TextBuffer& text) { return text.full() ? -1 : static_cast<std::int32_t>(text.size()); }

std::int64_t instant(double ms) {
  // Beyond ±2^53 a double skips milliseconds, and such a clock is a bug of the host.
  TOLLGATE_ASSERT(ms > -9.0e15 && ms < 9.0e15);
  return static_cast<std::int64_t>(ms);
}

std::string_view header_text(std::uint32_t length) {
  return length == TG_NO_HEADER ? std::string_view() : instance.input_text(length);
}

[[gnu::noinline]] void tell_effect(const Notice& notice) {
  instance.mailbox.handle = notice.handle;
  instance.mailbox.effect = static_cast<std::uint32_t>(notice.effect);
  notice.digest->write_hex(instance.output);
}

[[gnu::always_inline]] inline std::int32_t answer_with(Outcome outcome) {
  const Notice& notice = instance.engine.notice();
  instance.mailbox.record = notice.record;
  if (!outcome.is_allowed()) instance.mailbox.woken = notice.woken;
  if (outcome.is_suspended()) tell_effect(notice);
  return outcome.code();
}

[[gnu::noinline]] std::int32_t answer_with_wakeups(Outcome outcome) {
  instance.mailbox.woken = instance.engine.notice().woken;
  instance.mailbox.store_seconds = instance.engine.notice().store_seconds;
  instance.mailbox.taken = instance.engine.notice().taken;
  return answer_with(outcome);
}

const Policy* policy_at(std::uint32_t index) {
  const Configuration& configuration = instance.engine.configuration();
  return index < configuration.count ? &configuration.policies[index] : nullptr;
}

}  // namespace

TG_EXPORT(tg_abi_version) std::uint32_t tg_abi_version() { return 2; }

TG_EXPORT(tg_mailbox) tg_mailbox_t* tg_mailbox() {
  tg_mailbox_t& mailbox = instance.mailbox;
  mailbox.input = reinterpret_cast<std::uintptr_t>(instance.input);
  mailbox.input_capacity = kInput;
  mailbox.output = reinterpret_cast<std::uintptr_t>(instance.output);
  mailbox.output_capacity = kOutput;
  return &mailbox;
}

TG_EXPORT(tg_init) std::int32_t tg_init() {
  char random[kRandomBytes];
  std::memcpy(random, instance.input, kRandomBytes);
  std::memset(instance.input, 0, kRandomBytes);
#if !defined(__wasm__)
  // A module is instantiated anew; the native build has one instance in the process and starts it over.
  if (instance.started) instance.reader().~Reader();
  new (&instance.engine) Engine();
  instance.build_id_length = 0;
  instance.bucket_length = 0;
  instance.configured = false;
#endif
  instance.started = true;
  if (!(new (instance.reader_storage) json::Reader)
           ->start(std::max(limits::kMaxSnapshotBytes, limits::kMaxConfigurationBytes)))
    return -1;
  SipKey secret;
  std::memcpy(&secret, random, sizeof secret);
  instance.engine.start(secret);
  // The other half names the instance in event ids: 128 bits, of which a ULID's 26 characters hold all.
  std::int64_t high = 0;
  std::uint8_t low[Ulid::kRandomBytes];
  std::memcpy(&high, random + sizeof secret, 6);
  std::memcpy(low, random + sizeof secret + 6, sizeof low);
  std::memcpy(instance.name, Ulid::make(high, low).characters.data(), sizeof instance.name);
  return 0;
}

TG_EXPORT(tg_configure) std::int32_t tg_configure(std::uint32_t length, std::uint32_t key_format) {
  TextBuffer problem = answer();
  Engine& engine = instance.engine;
  if (instance.configured) {
    problem.append("the instance is configured already");
    return refuse(problem);
  }
  if (length > limits::kMaxConfigurationBytes) {
    problem.append("the configuration must have at most 32768 bytes");
    return refuse(problem);
  }
  if (key_format > TG_KEY_TGK) {
    problem.append("the key format must be 0 (any) or 1 (tgk)");
    return refuse(problem);
  }
  if (!json::read_policies(instance.reader(), instance.input, length, engine.names(), engine.configuration(),
                           problem)) {
    engine.configuration().count = 0;
    return refuse(problem);
  }
  engine.set_key_format(key_format == TG_KEY_TGK ? KeyFormat::tgk : KeyFormat::any);
  instance.configured = true;
  return static_cast<std::int32_t>(engine.configuration().count);
}

TG_EXPORT(tg_build_id) std::int32_t tg_build_id(std::uint32_t length) {
  if (length > sizeof instance.build_id) return -1;
  std::memcpy(instance.build_id, instance.input, length);
  instance.build_id_length = length;
  return 0;
}

TG_EXPORT(tg_bucket) std::int32_t tg_bucket(std::uint32_t length) {
  if (length > sizeof instance.bucket) return -1;
  std::memcpy(instance.bucket, instance.input, length);
  instance.bucket_length = length;
  return 0;
}

TG_EXPORT(tg_policy) std::int32_t tg_policy(std::uint32_t policy) {
  const Policy* const found = policy_at(policy);
  if (found == nullptr) return -1;
  TextBuffer to = answer();
  json::write_policy(*found, instance.engine.names(), to);
  return length_of(to);
}

TG_EXPORT(tg_check) std::int32_t tg_check(std::uint32_t policy, std::uint32_t header_length, double now_ms) {
  return answer_with(instance.engine.check(policy, header_text(header_length), instant(now_ms)));
}

TG_EXPORT(tg_check_known) std::int32_t tg_check_known(std::uint32_t policy, std::uint32_t record, double now_ms) {
  return answer_with(instance.engine.check_known(policy, record, instant(now_ms)));
}

namespace {

/// Decodes the snapshot in the input, which must be one of the key that the request is about.
bool read_snapshot_for(std::uint32_t handle, std::uint32_t length) {
  const Digest* const digest = instance.engine.digest_of(handle);
  if (digest == nullptr) return false;
  char hex[Digest::kHexLength];
  digest->write_hex(hex);
  const json::SnapshotReader expected{
      instance.engine.names(), instance.name_text(), instance.bucket_text(), {hex, sizeof hex}};
  return json::read_snapshot(instance.reader(), instance.input, length, expected, decoded);
}

}  // namespace

TG_EXPORT(tg_resume)
std::int32_t tg_resume(std::uint32_t handle, std::int32_t status, std::uint32_t length, double taken_at_ms,
                       double now_ms) {
  Answer got;
  got.now = instant(now_ms);
  got.taken_at = instant(taken_at_ms);
  if (status == 404) got.kind = Answer::Kind::not_found;
  if (status == 401) got.kind = Answer::Kind::unauthorized;
  if (status == 200 && length <= kInput && read_snapshot_for(handle, length)) {
    got.kind = Answer::Kind::snapshot;
    got.snapshot = &decoded;
  }
  return answer_with_wakeups(instance.engine.resume(handle, got));
}

TG_EXPORT(tg_next_woken) std::uint32_t tg_next_woken() { return instance.engine.next_woken(); }

TG_EXPORT(tg_poll) std::int32_t tg_poll(std::uint32_t handle, double now_ms) {
  return answer_with_wakeups(instance.engine.poll(handle, instant(now_ms)));
}

TG_EXPORT(tg_take_over) std::int32_t tg_take_over(std::uint32_t handle, double now_ms) {
  return answer_with_wakeups(instance.engine.take_over(handle, instant(now_ms)));
}

TG_EXPORT(tg_abandon) std::int32_t tg_abandon(std::uint32_t handle) {
  const bool known = instance.engine.abandon(handle);
  instance.mailbox.woken = instance.engine.notice().woken;
  return known ? 0 : TG_STALE;
}

TG_EXPORT(tg_record) std::uint32_t tg_record(std::uint32_t handle) { return instance.engine.record_of(handle); }

TG_EXPORT(tg_identity) std::int32_t tg_identity(std::uint32_t handle) {
  const RecordTag record = instance.engine.record_of(handle);
  if (record == 0) return TG_STALE;
  const KeyCache& cache = instance.engine.cache();
  const KeyDetails& details = cache.details(KeyCache::position_of(record));
  const std::string_view subscription = cache.subscription_of(KeyCache::position_of(record)).subscription_id();
  TextBuffer to = answer();
  to.append(details.consumer_length > 0 ? details.consumer_name() : subscription);
  to.append('\0');
  to.append(subscription);
  return length_of(to);
}

TG_EXPORT(tg_meters) std::int32_t tg_meters(std::uint32_t length) {
  TextBuffer to = answer();
  RuntimeMeters meters;
  if (length > limits::kMaxRuntimeText) {
    to.append("the meters of one request must have at most 8192 bytes");
    return refuse(to);
  }
  NameTable& names = instance.engine.names();
  if (!json::apply_meter_change(instance.reader(), instance.input, length, names, meters, to)) return refuse(to);
  json::write_runtime_meters(meters, names, to);
  return length_of(to);
}

namespace {

[[gnu::noinline]] std::int32_t finish_with_meters(std::uint32_t handle, std::uint32_t status, std::uint32_t length) {
  Engine& engine = instance.engine;
  if (engine.record_of(handle) == 0) return TG_STALE;
  TextBuffer problem = answer();
  RuntimeMeters meters;
  if (length > limits::kMaxRuntimeText ||
      !json::read_runtime_meters(instance.reader(), instance.input, length, engine.names(), meters, problem)) {
    return refuse(problem);
  }
  engine.finish(handle, status, meters);
  return static_cast<std::int32_t>(engine.outbox().waiting());
}

}  // namespace

TG_EXPORT(tg_finish) std::int32_t tg_finish(std::uint32_t handle, std::uint32_t status, std::uint32_t length) {
  if (length > 0) return finish_with_meters(handle, status, length);
  static constexpr RuntimeMeters kNoMeters{};
  Engine& engine = instance.engine;
  return engine.finish(handle, status, kNoMeters) ? static_cast<std::int32_t>(engine.outbox().waiting()) : TG_STALE;
}

TG_EXPORT(tg_problem)
std::int32_t tg_problem(std::int32_t result, std::uint32_t policy, std::uint32_t length, double now_ms) {
  const Verdict verdict = Outcome::verdict_of(result);
  const Policy* const found = policy_at(policy);
  if (verdict.allowed() || found == nullptr) return -1;
  const std::string_view input = instance.input_text(length);
  const std::size_t zero = input.find('\0');
  json::RequestTrace trace;
  trace.instance = input.substr(0, std::min(zero, limits::kMaxPath));
  if (zero != std::string_view::npos) trace.request_id = input.substr(zero + 1, limits::kMaxRequestId);
  trace.build_id = {instance.build_id, instance.build_id_length};
  trace.now = instant(now_ms);
  TextBuffer to = answer();
  json::write_problem(verdict, *found, instance.engine.names(), trace, to);
  instance.mailbox.status = text_of(verdict.refusal).status;
  return length_of(to);
}

TG_EXPORT(tg_quota_headers) std::int32_t tg_quota_headers(std::int32_t result, std::uint32_t policy, double now_ms) {
  if (policy_at(policy) == nullptr) return -1;
  TextBuffer to = answer();
  const Verdict verdict = Outcome::verdict_of(result);
  json::write_quota_headers(verdict, policy, instance.engine, instance.mailbox.record, instant(now_ms), to);
  return length_of(to);
}

TG_EXPORT(tg_explain) std::int32_t tg_explain(std::uint32_t policy, std::uint32_t header_length, double now_ms) {
  const Policy* const found = policy_at(policy);
  if (found == nullptr) return -1;
  const auto explanation = instance.engine.explain(policy, header_text(header_length), instant(now_ms));
  TextBuffer to = answer();
  json::write_explanation(explanation, *found, instance.engine, to);
  return length_of(to);
}

TG_EXPORT(tg_drain) std::int32_t tg_drain(std::uint32_t max_events) {
  TextBuffer to = answer();
  std::size_t count = 0;
  const std::size_t max = std::min<std::size_t>(max_events, limits::kBatchEvents);
  instance.mailbox.batch = json::write_events(instance.engine, instance.name_text(), max, count, to);
  instance.mailbox.events = static_cast<std::uint32_t>(count);
  return instance.mailbox.batch == 0 ? 0 : length_of(to);
}

TG_EXPORT(tg_delivered) std::int32_t tg_delivered(std::uint32_t batch) {
  return instance.engine.outbox().delivered(instance.engine.cache(), batch) ? 0 : -1;
}

TG_EXPORT(tg_failed) std::int32_t tg_failed(std::uint32_t batch) {
  return instance.engine.outbox().failed(batch) ? 0 : -1;
}

TG_EXPORT(tg_stats) std::int32_t tg_stats() {
  TextBuffer to = answer();
  json::write_stats(instance.engine, to);
  return length_of(to);
}
