#include "json/usage_events.h"

#include "calendar/instant.h"
#include "json/writer.h"

namespace tollgate::json {
namespace {

/// One CloudEvent. Its form never changes, so what stands between the values is written as it is.
void write_event(const UsageEvent& event, const Engine& engine, std::string_view instance, TextBuffer& to) {
  const KeyDetails& details = engine.cache().details(event.record);
  const bool by_consumer = event.subject == Subject::consumer && details.consumer_length > 0;
  to.append(R"({"id":")");
  to.append(instance);
  to.append('-');
  to.append_unsigned(event.sequence);
  to.append(R"(","specversion":"1.0","type":")");
  write_escaped(to, engine.names().view(event.meter));
  to.append(R"(","source":"monetization-policy","subject":")");
  write_escaped(to, by_consumer ? details.consumer_name() : details.subscription_id());
  to.append(R"(","subscription":")");
  write_escaped(to, details.subscription_id());
  char time[kInstantText];
  to.append(R"(","time":")");
  to.append({time, write_instant({event.time}, time)});
  char total[Quantity::kMaxText];
  to.append(R"(","data":{"total":)");
  to.append({total, event.total.write(total)});
  to.append("}}");
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
