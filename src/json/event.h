#pragma once

#include "base/violations.h"
#include "json/document.h"
#include "json/text.h"
#include "json/writer.h"
#include "metering/event.h"

#include <string_view>

namespace tollgate::json {

/// Reads a usage event (S3.1) in the JSON format of CloudEvents 1.0 from the object at `path` (`[3]`, `events[3]`).
/// Everything that is missing or wrong is added to `violations`, each by its own path.
///
/// `specversion`, `id`, `source`, `type`, `subject` and `subscription` are required; `time`, `data`, `datacontenttype`,
/// `dataschema` are optional; `data` is JSON, so `data_base64` is refused. Further attributes are allowed under names
/// of lower-case letters and digits, with text, whole numbers or booleans as values, and are not kept. `null` is as
/// good as absent. A merged event (json/merged_event.h) is refused where its members contradict each other.
metering::Event read_event(Value object, std::string_view path, Violations& violations);

/// Writes the event as `read_event` reads it.
void write_event(Writer<Text>& to, const metering::Event& event);

}  // namespace tollgate::json
