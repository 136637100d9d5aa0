#include "json/usage_events.h"

#include "calendar/instant.h"
#include "json/writer.h"

namespace tollgate::json {
namespace {

void write_number(std::string_view name, Quantity quantity, TextBuffer& to) {
  char text[Quantity::kMaxText];
  to.append(name);
  to.append({text, quantity.write(text)});
}

/// What the event says of one request; of several, what every aggregation needs (invariant M11).
void write_data(const UsageEvent& event, TextBuffer& to) {
  write_number(R"(","data":{"total":)", event.total.get(), to);
  if (event.count > 1) {
    to.append(R"(,"count":)");
    to.append_unsigned(event.count);
    write_number(R"(,"min":)", event.min.get(), to);
    write_number(R"(,"max":)", event.max.get(), to);
    write_number(R"(,"last":)", event.last.get(), to);
  }
  to.append("}}");
}

/// One CloudEvent. Its form never changes, so what stands between the values is written as it is.
void write_event(const UsageEvent& event, const Engine& engine, std::string_view instance, TextBuffer& to) {
  const KeyCache& cache = engine.cache();
  const std::string_view subscription = cache.subscriptions().details(event.subscription).subscription_id();
  const bool by_consumer = event.key != kNone && cache.details(event.key).consumer_length > 0;
  to.append(R"({"id":")");
  to.append(instance);
  to.append('-');
  to.append_unsigned(event.sequence);
  to.append(R"(","specversion":"1.0","type":")");
  write_escaped(to, engine.names().view(event.meter));
  to.append(R"(","source":"monetization-policy","subject":")");
  write_escaped(to, by_consumer ? cache.details(event.key).consumer_name() : subscription);
  to.append(R"(","subscription":")");
  write_escaped(to, subscription);
  char time[kInstantText];
  to.append(R"(","time":")");
  to.append({time, write_instant({event.time}, time)});
  write_data(event, to);
}

}  // namespace

std::uint32_t write_events(Engine& engine, std::string_view instance, std::size_t max, std::size_t& count,
                           TextBuffer& to) {
  count = 0;
  to.append('[');
  const auto write_next = [&](const UsageEvent& event) {
    const std::size_t before = to.size();
    if (count > 0) to.append(',');
    write_event(event, engine, instance, to);
    // Room for the closing bracket stays; what does not fit whole waits for the next batch.
    if (to.full() || to.size() == to.capacity()) {
      to.truncate(before);
      return false;
    }
    ++count;
    return true;
  };
  const std::uint32_t batch = engine.outbox().drain(engine.cache(), max, write_next);
  to.append(']');
  return batch;
}

}  // namespace tollgate::json
