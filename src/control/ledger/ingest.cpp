#include "control/ledger/ingest.h"

#include "base/limits.h"
#include "base/sha256.h"
#include "control/http/problem.h"
#include "control/ledger/ledger.h"
#include "control/ledger/measures.h"
#include "control/ledger/overflow.h"
#include "control/ledger/rollups.h"
#include "control/ledger/senders.h"
#include "control/port/statement_json.h"
#include "json/event.h"
#include "json/measurement.h"
#include "json/meter.h"
#include "json/object_reader.h"

#include <map>
#include <vector>

namespace tollgate::control {
namespace {

using JsonWriter = json::Writer<json::Text>;

/// What became of the events of a request.
struct Outcome {
  std::vector<const Incoming*> accepted;
  std::size_t duplicates = 0;
  std::vector<const Incoming*> conflicts;
};

std::vector<Incoming> read_events(const Request& request, json::ObjectReader& fields) {
  std::vector<Incoming> events;
  const json::Value list = fields.array("events", 1, limits::kMaxIngestEvents);
  events.reserve(list.size());
  for (json::Value object : list) {
    const std::string path = field_path("events", events.size());
    Incoming incoming{json::read_event(object, path, fields.violations()), object.member("data"), path};
    metering::check_event(incoming.event, request.now, path, fields.violations());
    const std::string_view subscription = incoming.event.subscription;
    if (!subscription.empty() && subscription != subscription_of(request)) {
      fields.violations().add(field_path(path, "subscription"), "wrong_ledger",
                              "must be the subscription of this ledger");
    }
    events.push_back(std::move(incoming));
  }
  return events;
}

std::vector<catalog::Meter> read_meters(json::ObjectReader& fields) {
  std::vector<catalog::Meter> meters;
  for (json::Value object : fields.array("meters", 0, limits::kMaxIngestMeters)) {
    meters.push_back(json::read_meter(object, field_path("meters", meters.size()), fields.violations()));
  }
  return meters;
}

/// What tells two payloads apart; the time only where the event carried one.
struct Payload {
  std::string_view type;
  std::string_view subject;
  std::optional<Instant> time;
  std::string_view data;

  friend bool operator==(const Payload&, const Payload&) = default;
};

Payload payload_of(const metering::Event& event) { return {event.type, event.subject, event.time, event.data}; }

void sort_out(const Incoming& incoming, const Payload& known, Outcome& outcome) {
  payload_of(incoming.event) == known ? void(++outcome.duplicates) : outcome.conflicts.push_back(&incoming);
}

/// Events of the request that repeat each other are told apart here, those that the ledger has by one statement.
Outcome deduplicate(Sql& sql, const std::vector<Incoming>& events) {
  Outcome outcome;
  std::map<std::pair<std::string_view, std::string_view>, const Incoming*> first;
  std::vector<const Incoming*> distinct;
  for (const Incoming& incoming : events) {
    const auto [entry, inserted] = first.try_emplace({incoming.event.source, incoming.event.id}, &incoming);
    inserted ? distinct.push_back(&incoming) : sort_out(incoming, payload_of(entry->second->event), outcome);
  }
  std::vector<bool> known(distinct.size());
  for_each_json_array(
      distinct,
      [](JsonWriter& to, const Incoming* incoming) {
        to.value(std::string_view(incoming->event.source));
        to.value(std::string_view(incoming->event.id));
      },
      [&](const std::string& names, std::size_t offset) {
        const Rows rows = sql.query(
            "SELECT k.key, e.type, e.subject, e.time_ms, e.time_given, e.data FROM json_each(?) AS k CROSS JOIN events "
            "AS e"
            " WHERE e.source = k.value ->> 0 AND e.id = k.value ->> 1",
            names);
        for (const Row row : rows) {
          const std::size_t index = offset + static_cast<std::size_t>(row.number(0));
          known[index] = true;
          const auto time = row.truth(4) ? std::optional(row.instant(3)) : std::nullopt;
          sort_out(*distinct[index], {row.text(1), row.text(2), time, row.text(5)}, outcome);
        }
      });
  for (std::size_t i = 0; i < distinct.size(); ++i) {
    if (!known[i]) outcome.accepted.push_back(distinct[i]);
  }
  return outcome;
}

void store(Sql& sql, const std::vector<const Incoming*>& accepted, Instant now) {
  for_each_json_array(
      accepted,
      [&](JsonWriter& to, const Incoming* incoming) {
        const metering::Event& event = incoming->event;
        to.value(std::string_view(event.source));
        to.value(std::string_view(event.id));
        to.value(std::string_view(event.type));
        to.value(std::string_view(event.subject));
        to.value(event.time.value_or(now).ms);
        to.value(event.time.has_value() ? 1 : 0);
        to.value(std::string_view(event.data));
      },
      [&](const std::string& rows, std::size_t) {
        sql.exec(
            "INSERT INTO events SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,"
            " value ->> 6 FROM json_each(?)",
            rows);
      });
}

void store_conflicts(Sql& sql, const std::vector<const Incoming*>& conflicts) {
  for (const Incoming* incoming : conflicts) {
    json::Text text;
    JsonWriter to(text);
    json::write_event(to, incoming->event);
    char digest[Digest::kHexLength];
    sha256(text.view()).write_hex(digest);
    sql.exec("INSERT OR IGNORE INTO conflicts (source, id, digest, event) VALUES (?, ?, ?, ?)", incoming->event.source,
             incoming->event.id, std::string_view(digest, sizeof digest), text.view());
  }
}

/// Whether a meter of the request can count each event of its type. Every one is asked, new or not, so that the same
/// request gets the same answer each time.
void check_measurable(const std::vector<Incoming>& events, const std::vector<catalog::Meter>& meters,
                      Violations& violations) {
  for (const catalog::Meter& meter : meters) {
    const metering::Measure measure = json::measure_of(meter);
    for (const Incoming& incoming : events) {
      if (incoming.event.type != measure.event_type) continue;
      static_cast<void>(json::measure(incoming.event.source, incoming.data, measure, incoming.path, violations));
    }
  }
}

bool roll_up(Sql& sql, const KnownMeasures& measures, const std::vector<const Incoming*>& accepted, Instant now) {
  RollupBatch batch;
  for (const KnownMeasure& known : measures.all()) {
    for (const Incoming* incoming : accepted) {
      if (incoming->event.type != known.measure.event_type) continue;
      Violations ignored;  // of a measure that is no longer a meter's: then the event is not its business
      const auto measurement =
          json::measure(incoming->event.source, incoming->data, known.measure, incoming->path, ignored);
      if (!measurement.has_value()) continue;
      const Instant time = incoming->event.time.value_or(now);
      if (!batch.add(known.key, known.measure.kind, incoming->event, time, *measurement)) return false;
    }
  }
  return batch.flush(sql);
}

void note_senders(Sql& sql, const std::vector<const Incoming*>& accepted, Instant received_at) {
  SenderBatch batch;
  for (const Incoming* incoming : accepted) batch.add(incoming->event, incoming->data);
  batch.flush(sql, received_at);
}

/// Names the events that would have to be left out.
Response refuse_overflow(const Request& request, const std::vector<const Incoming*>& overflowing) {
  Violations violations;
  for (const Incoming* incoming : overflowing) {
    Violations one;
    one.add(field_path(incoming->path, "data"), "overflow", "would bring a sum to 10^18 or more");
    violations.add_part(one);
  }
  return invalid(request, violations);
}

/// What the events of before come to is too much for the meter: it can take none.
Response refuse_overflow(const Request& request, const std::vector<Incoming>& events, const catalog::Meter& meter) {
  std::vector<const Incoming*> overflowing;
  for (const Incoming& incoming : events) {
    if (incoming.event.type == meter.event_type) overflowing.push_back(&incoming);
  }
  return refuse_overflow(request, overflowing);
}

Response answer(const Outcome& outcome) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("accepted", static_cast<std::int64_t>(outcome.accepted.size()));
  to.member("duplicates", static_cast<std::int64_t>(outcome.duplicates));
  to.key("conflicts");
  to.begin_array();
  for (const Incoming* incoming : outcome.conflicts) {
    to.begin_object();
    to.member("source", std::string_view(incoming->event.source));
    to.member("id", std::string_view(incoming->event.id));
    to.end_object();
  }
  to.end_array();
  to.end_object();
  return json_answer(200, text.take());
}

}  // namespace

Response handle_ingest(const Request& request, Sql& sql, json::Value body) {
  Violations violations;
  json::ObjectReader fields(body, "", violations);
  const std::vector<Incoming> events = read_events(request, fields);
  const std::vector<catalog::Meter> meters = read_meters(fields);
  const Instant received_at = fields.optional_instant("receivedAt").value_or(request.now);
  fields.refuse_others();
  if (violations.empty()) check_measurable(events, meters, violations);
  if (!violations.empty()) return invalid(request, violations);

  KnownMeasures measures(sql);
  for (const catalog::Meter& meter : meters) {
    if (!measures.require(json::measure_of(meter)).has_value()) return refuse_overflow(request, events, meter);
  }
  const Outcome outcome = deduplicate(sql, events);
  store(sql, outcome.accepted, request.now);
  store_conflicts(sql, outcome.conflicts);
  if (!roll_up(sql, measures, outcome.accepted, request.now)) {
    return refuse_overflow(request, overflowing_events(sql, measures, outcome.accepted, request.now));
  }
  note_senders(sql, outcome.accepted, received_at);
  return answer(outcome);
}

}  // namespace tollgate::control
