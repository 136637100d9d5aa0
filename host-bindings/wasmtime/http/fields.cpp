#include "host-bindings/wasmtime/http/fields.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tollgate::http {
namespace {

/// Of one connection, whether or not `connection` names them; the last two are the framing, which each hop does anew.
constexpr std::array<std::string_view, 10> kHopByHop = {
    "connection",         "keep-alive",        "proxy-connection", "te", "trailer", "upgrade", "proxy-authorization",
    "proxy-authenticate", "transfer-encoding", "content-length"};

bool is_hop_by_hop(std::string_view name) {
  return std::any_of(kHopByHop.begin(), kHopByHop.end(),
                     [&](std::string_view known) { return equal_ignoring_case(name, known); });
}

}  // namespace

void Fields::set(std::string_view name, std::string value) {
  erase(name);
  add(std::string(name), std::move(value));
}

void Fields::erase(std::string_view name) {
  erase_if([&](const Field& field) { return equal_ignoring_case(field.name, name); });
}

std::optional<std::string> Fields::joined(std::string_view name) const {
  std::optional<std::string> all;
  for (const Field& field : fields_) {
    if (!equal_ignoring_case(field.name, name)) continue;
    all = all ? *all + ", " + field.value : field.value;
  }
  return all;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields_.begin(), fields_.end(), [&](const Field& field) { return equal_ignoring_case(field.name, name); }));
}

void erase_hop_by_hop(Fields& fields) {
  const std::string named = fields.joined("connection").value_or("");
  fields.erase_if([&](const Field& field) { return is_hop_by_hop(field.name); });
  for (std::string_view rest = named; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    fields.erase(trim(rest.substr(0, comma)));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
}

std::optional<std::uint64_t> content_length(const Fields& fields) {
  const auto text = fields.joined("content-length");
  if (!text) return std::nullopt;
  std::uint64_t length = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, length);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return length;
}

}  // namespace tollgate::http
