// ALLOCATOR once: ALLOCATOR_BYTES of static memory, handed out from front to back and never taken back. For a module
// that allocates only while it is set up, such as simdjson's parser with its fixed capacity. What does not fit traps,
// or is a null pointer for those who ask with std::nothrow.

#include <cstddef>
#include <new>

namespace {

constexpr std::size_t alignment = alignof(std::max_align_t);
alignas(alignment) std::byte arena[TOLLGATE_ALLOCATOR_BYTES];
std::size_t taken = 0;

void* take(std::size_t size) noexcept {
  if (size > sizeof(arena)) return nullptr;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (rounded > sizeof(arena) - taken) return nullptr;
  std::byte* bytes = arena + taken;
  taken += rounded;
  return bytes;
}

void* take_or_trap(std::size_t size) noexcept {
  void* bytes = take(size);
  if (bytes == nullptr) __builtin_trap();
  return bytes;
}

}  // namespace

void* operator new(std::size_t size) { return take_or_trap(size); }
void* operator new[](std::size_t size) { return take_or_trap(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return take(size); }

void operator delete(void*) noexcept {}
void operator delete[](void*) noexcept {}
void operator delete(void*, std::size_t) noexcept {}
void operator delete[](void*, std::size_t) noexcept {}
