#include "gateway/response_meters.h"

#include "base/text.h"
#include "gateway/amount.h"
#include "json/text.h"
#include "json/writer.h"

#include <algorithm>

namespace tollgate::gateway {
namespace {

constexpr std::string_view kNoHeader = "there is no such header";
constexpr std::string_view kBadHeader = "the header is not a decimal of at least 0";
constexpr int kFirstSuccess = 200;
constexpr int kAfterSuccess = 300;

}  // namespace

std::string MeterReading::state() const {
  json::Text text;
  json::Writer json(text);
  bool is_empty = true;
  json.begin_object();
  for (const MeterFinding& finding : findings) {
    if (!finding.is_counted) continue;
    is_empty = false;
    json.key(finding.meter->meter);
    json.begin_object();
    json.member("value", finding.amount);
    json.member("replaces", false);
    json.end_object();
  }
  json.end_object();
  return is_empty ? std::string() : text.take();
}

ResponseReader::ResponseReader(const Route& route, int status, std::span<const FieldLine> lines) : route_(route) {
  // Only an answer that says success is expected to say what it used.
  if (status < kFirstSuccess || status >= kAfterSuccess) return;
  sources_ = std::vector<Source>(route.response_meters.size());
  wants_body_ = route.reads_body();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const ResponseMeter& meter = route.response_meters[i];
    if (meter.is_in_body()) continue;
    for (const FieldLine& line : lines) {
      if (!equal_ignoring_case(line.name, meter.header)) continue;
      sources_[i].amount = sources_[i].is_found ? std::nullopt : amount_of(line.value);
      sources_[i].is_found = true;
    }
    is_refused_ = is_refused_ || (!sources_[i].amount && meter.on_missing == OnMissing::refuse);
  }
}

void ResponseReader::feed(std::string_view piece) {
  while (wants_body_) {
    const json::Scan told = scanner_.next(piece);
    if (told == json::Scan::more) break;
    if (told == json::Scan::malformed) is_malformed_ = true;
    take(told);
    // What follows the document is nobody's business.
    wants_body_ = !is_malformed_ && !scanner_.done();
  }
}

void ResponseReader::take(json::Scan told) {
  using json::Scan;
  switch (told) {
    case Scan::begin_object:
    case Scan::begin_array: open(told == Scan::begin_array); break;
    case Scan::end_object:
    case Scan::end_array: close(); break;
    case Scan::name: append(scanner_.piece(), limits::kMaxJsonPath); break;
    case Scan::name_end:
      step(scanner_.depth(), [&](const JsonStep& one) { return !is_too_long_ && one.name == text_; });
      append({}, 0);
      break;
    case Scan::text:
    case Scan::number:
      begin_scalar();
      if (is_kept_) append(scanner_.piece(), limits::kMaxAmountText);
      break;
    case Scan::text_end:
    case Scan::number_end:
      begin_scalar();
      is_in_scalar_ = false;
      settle(is_too_long_ ? std::nullopt : amount_of(text_));
      append({}, 0);
      break;
    case Scan::literal:
      begin_value(scanner_.depth());
      settle(std::nullopt);
      break;
    case Scan::more:
    case Scan::malformed: break;
  }
}

/// Adds to the text under way; an empty piece begins a new one.
void ResponseReader::append(std::string_view piece, std::size_t most) {
  if (piece.empty()) {
    text_.clear();
    is_too_long_ = false;
  } else if (is_too_long_ || piece.size() > most - text_.size()) {
    is_too_long_ = true;
  } else {
    text_.append(piece);
  }
}

template <class Matches>
void ResponseReader::step(std::size_t level, Matches matches) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const JsonPath& path = route_.response_meters[i].path;
    std::uint8_t& on = sources_[i].on;
    on = static_cast<std::uint8_t>(std::min<std::size_t>(on, level - 1));
    if (on == level - 1 && on < path.size() && matches(path[on])) ++on;
  }
}

void ResponseReader::begin_value(std::size_t level) {
  level_ = level;
  if (level > 0 && level < next_index_.size() && next_index_[level] >= 0) {
    const std::int64_t index = next_index_[level]++;
    step(level,
         [index](const JsonStep& one) { return one.name.empty() && static_cast<std::int64_t>(one.index) == index; });
  }
  is_kept_ = false;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const std::size_t steps = route_.response_meters[i].path.size();
    is_kept_ = is_kept_ || (steps > 0 && steps == level && sources_[i].on == level);
  }
}

void ResponseReader::begin_scalar() {
  if (!is_in_scalar_) begin_value(scanner_.depth());
  is_in_scalar_ = true;
}

void ResponseReader::settle(std::optional<Quantity> amount) {
  if (!is_kept_) return;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    Source& source = sources_[i];
    const std::size_t steps = route_.response_meters[i].path.size();
    if (steps == 0 || steps != level_ || source.on != level_) continue;
    source.is_found = true;
    source.amount = amount;
  }
}

void ResponseReader::open(bool is_array) {
  begin_value(scanner_.depth() - 1);
  settle(std::nullopt);
  if (scanner_.depth() < next_index_.size()) next_index_[scanner_.depth()] = is_array ? 0 : -1;
}

void ResponseReader::close() {
  for (Source& source : sources_) {
    source.on = static_cast<std::uint8_t>(std::min<std::size_t>(source.on, scanner_.depth()));
  }
}

std::string_view ResponseReader::fault_of(const ResponseMeter& meter, const Source& source, bool is_whole) const {
  if (!meter.is_in_body()) return source.is_found ? kBadHeader : kNoHeader;
  if (source.is_found) return "the value is not a decimal of at least 0";
  if (is_malformed_) return "the body is not JSON";
  return is_whole || scanner_.done() ? "the path leads nowhere" : "the body was cut off before the value";
}

MeterReading ResponseReader::end(bool is_whole) {
  if (wants_body_ && is_whole) is_malformed_ = scanner_.end() == json::Scan::malformed;
  wants_body_ = false;
  MeterReading reading;
  reading.findings = std::vector<MeterFinding>(sources_.size());
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const ResponseMeter& meter = route_.response_meters[i];
    MeterFinding& finding = reading.findings[i];
    finding.meter = &meter;
    finding.is_counted = sources_[i].amount.has_value() || meter.on_missing == OnMissing::amount;
    finding.amount = sources_[i].amount.value_or(meter.amount);
    if (sources_[i].amount.has_value()) continue;
    finding.fault = fault_of(meter, sources_[i], is_whole);
    reading.is_refused = reading.is_refused || meter.on_missing == OnMissing::refuse;
  }
  return reading;
}

}  // namespace tollgate::gateway
