// Calls of the edge module in any order, legal and illegal, on one instance with a few keys and subscriptions, against
// what must hold whatever a host does: calls_host.h and calls_books.h say what that is.

#include "calls_host.h"

namespace {

constexpr int kMaxCalls = 600;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tollgate::fuzz::Bytes bytes(data, size);
  tollgate::fuzz::CallsHost host;
  for (int i = 0; i < kMaxCalls && !bytes.empty(); ++i) host.step(bytes);
  host.finish_all();
  return 0;
}
