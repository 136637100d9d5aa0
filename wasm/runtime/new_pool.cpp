// ALLOCATOR pool: a heap in memory that does not grow, of a tenth of the code of the C library's. A piece is a power of
// two and goes back to others of its size: what was in use at once, of each size, is what is taken. Running out of it
// traps, except for those who ask with std::nothrow.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

extern "C" unsigned char __heap_base;

namespace {

constexpr std::size_t kPageBytes = 65536;
constexpr std::size_t kSizes = 32;

/// What types are aligned to at most, 128-bit integers among them.
constexpr std::size_t kAlignment = 16;

/// In front of every piece.
struct alignas(kAlignment) Piece {
  Piece* next_free;
  std::size_t size;  ///< its power of two
};

Piece* free_pieces[kSizes];
std::uintptr_t taken = 0;

void* take(std::size_t bytes) noexcept {
  const auto size = static_cast<std::size_t>(std::bit_width(bytes + sizeof(Piece) - 1));
  if (bytes > PTRDIFF_MAX || size >= kSizes) return nullptr;
  if (Piece* const piece = free_pieces[size]; piece != nullptr) {
    free_pieces[size] = piece->next_free;
    return piece + 1;
  }
  const auto base = (reinterpret_cast<std::uintptr_t>(&__heap_base) / sizeof(Piece) + 1) * sizeof(Piece);
  const std::uintptr_t room = __builtin_wasm_memory_size(0) * kPageBytes - base - taken;
  if ((std::size_t{1} << size) > room) return nullptr;
  auto* const piece = reinterpret_cast<Piece*>(base + taken);
  taken += std::size_t{1} << size;
  piece->size = size;
  return piece + 1;
}

void* take_or_trap(std::size_t bytes) noexcept {
  void* const memory = take(bytes);
  if (memory == nullptr) __builtin_trap();
  return memory;
}

void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  Piece* const piece = static_cast<Piece*>(memory) - 1;
  piece->next_free = free_pieces[piece->size];
  free_pieces[piece->size] = piece;
}

}  // namespace

void* operator new(std::size_t size) { return take_or_trap(size); }
void* operator new[](std::size_t size) { return take_or_trap(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return take(size); }

// Where the language takes less for granted than every piece has.
void* operator new(std::size_t size, std::align_val_t) { return take_or_trap(size); }
void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { give_back(memory); }

void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give_back(memory); }
