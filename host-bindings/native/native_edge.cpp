#include "host-bindings/native/native_edge.h"

#include <cstddef>

namespace tollgate::host {
namespace {

static_assert(offsetof(tg_mailbox_t, taken) - offsetof(tg_mailbox_t, handle) == offsetof(MailboxWords, taken),
              "the words of the mailbox stand one behind the other");

bool taken = false;  // the module's one instance is in use

}  // namespace

Result<std::unique_ptr<EdgeInstance>, std::string> NativeEdge::make() {
  if (taken) return fail(std::string("The native build has one instance in a process, and it is in use."));
  return std::unique_ptr<EdgeInstance>(new NativeEdge);
}

NativeEdge::NativeEdge() {
  taken = true;
  tg_mailbox_t* const mailbox = tg_mailbox();
  // The ABI says addresses as numbers, which in Wasm they are. NOLINTBEGIN(performance-no-int-to-ptr)
  attach({reinterpret_cast<char*>(mailbox->input), mailbox->input_capacity},
         {reinterpret_cast<const char*>(mailbox->output), mailbox->output_capacity},
         reinterpret_cast<const MailboxWords*>(&mailbox->handle));
  // NOLINTEND(performance-no-int-to-ptr)
}

NativeEdge::~NativeEdge() { taken = false; }

}  // namespace tollgate::host
