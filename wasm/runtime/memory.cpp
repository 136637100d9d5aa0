// The C library's memory functions as single instructions. Those of Emscripten's library import a copy function from
// JavaScript; wasi-libc's are loops compiled without the bulk-memory feature.

#include <cstddef>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) { return __builtin_memcpy(to, from, size); }
void* memmove(void* to, const void* from, std::size_t size) { return __builtin_memmove(to, from, size); }
void* memset(void* to, int byte, std::size_t size) { return __builtin_memset(to, byte, size); }

}  // extern "C"
