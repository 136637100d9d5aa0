#include "control/handle.h"
#include "control/port/frame.h"
#include "wasm/control_abi.h"

#include <string>

namespace {

using namespace tollgate::control;

/// The texts that cross the boundary. Made on first use: a module has no start function.
struct Buffers {
  std::string request;
  std::string response;
  std::string rows;
};

Buffers& buffers() {
  static Buffers* const instance = new Buffers;
  return *instance;
}

char* room(std::string& buffer, std::uint32_t length) {
  buffer.resize(length);
  return buffer.data();
}

/// The host's `sql` function.
class HostSql final : public SqlPort {
 public:
  bool run(std::string_view statement, std::string_view bindings, std::string& rows) override {
    const std::int32_t length = tollgate_sql(statement.data(), static_cast<std::uint32_t>(statement.size()),
                                             bindings.data(), static_cast<std::uint32_t>(bindings.size()));
    buffers().rows.resize(static_cast<std::size_t>(length >= 0 ? length : -(length + 1)));
    rows.swap(buffers().rows);
    return length >= 0;
  }
};

}  // namespace

extern "C" {

std::uint32_t tgc_abi_version() { return 2; }

char* tgc_request(std::uint32_t length) { return room(buffers().request, length); }

std::uint32_t tgc_handle(std::uint32_t length) {
  const auto request = decode_request(std::string_view(buffers().request).substr(0, length));
  TOLLGATE_ASSERT(request.has_value());
  HostSql sql;
  buffers().response = encode_response(handle(*request, sql));
  return static_cast<std::uint32_t>(buffers().response.size());
}

const char* tgc_response() { return buffers().response.data(); }

char* tgc_rows(std::uint32_t length) { return room(buffers().rows, length); }

}  // extern "C"
