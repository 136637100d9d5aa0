#include "host-bindings/wasmtime/gateway/request_id.h"

#include "base/assert.h"

#include <sys/random.h>

#include <array>
#include <string_view>

namespace tollgate::gateway {

std::string new_request_id() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, 16> bytes{};
  TOLLGATE_ASSERT(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  std::string id = "req_";
  for (const unsigned char byte : bytes) id.append({kHex[byte >> 4], kHex[byte & 15]});
  return id;
}

}  // namespace tollgate::gateway
