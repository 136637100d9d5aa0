#pragma once

#include "base/text_buffer.h"
#include "policy/engine.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::json {

/// The CloudEvents batch (S3.1) of the next at most `max` events, as many as `to` holds. `instance` is the text that
/// makes the ids unique. Returns the batch's id, 0 when there is nothing to send.
std::uint32_t write_events(Engine& engine, std::string_view instance, std::size_t max, std::size_t& count,
                           TextBuffer& to);

}  // namespace tollgate::json
