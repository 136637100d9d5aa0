// ALLOCATOR malloc: the C library's heap. Running out of memory traps, except for those who ask with std::nothrow.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

void* take_or_trap(std::size_t size) noexcept {
  void* bytes = std::malloc(size);
  if (bytes == nullptr) __builtin_trap();
  return bytes;
}

}  // namespace

void* operator new(std::size_t size) { return take_or_trap(size); }
void* operator new[](std::size_t size) { return take_or_trap(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }

void operator delete(void* bytes) noexcept { std::free(bytes); }
void operator delete[](void* bytes) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::size_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, std::size_t) noexcept { std::free(bytes); }

#ifdef __EMSCRIPTEN__
// Emscripten's malloc asks JavaScript for more memory; this is the instruction itself.
namespace {
constexpr std::size_t page_bytes = 65536;
}

extern "C" {

std::size_t emscripten_get_heap_size() { return __builtin_wasm_memory_size(0) * page_bytes; }

int emscripten_resize_heap(std::size_t wanted) {
  const std::size_t pages = (wanted - emscripten_get_heap_size() + page_bytes - 1) / page_bytes;
  return __builtin_wasm_memory_grow(0, pages) != SIZE_MAX;
}

}  // extern "C"
#endif
