// ALLOCATOR trap: the module allocates nothing, and trying to is a bug.

#include <cstddef>
#include <new>

void* operator new(std::size_t) { __builtin_trap(); }
void* operator new[](std::size_t) { __builtin_trap(); }
void* operator new(std::size_t, const std::nothrow_t&) noexcept { __builtin_trap(); }
void* operator new[](std::size_t, const std::nothrow_t&) noexcept { __builtin_trap(); }

void operator delete(void*) noexcept { __builtin_trap(); }
void operator delete[](void*) noexcept { __builtin_trap(); }
void operator delete(void*, std::size_t) noexcept { __builtin_trap(); }
void operator delete[](void*, std::size_t) noexcept { __builtin_trap(); }
