// What the C and C++ libraries call when something is broken beyond repair. Their own versions print through stdio,
// which would pull WASI imports into the module; here each is a trap, after which the host discards the instance.

#include <cstddef>
#include <cstdlib>
#if _LIBCPP_VERSION >= 15000
#include <__verbose_abort>

#if _LIBCPP_VERSION >= 200000
#define TOLLGATE_NOEXCEPT noexcept
#else
#define TOLLGATE_NOEXCEPT
#endif

/// libc++ found a broken precondition. Versions before 15 call abort.
[[noreturn]] void std::__libcpp_verbose_abort(const char*, ...) TOLLGATE_NOEXCEPT { __builtin_trap(); }
#endif

extern "C" {

void abort() { __builtin_trap(); }

/// A failed assert(), simdjson's own included.
[[noreturn]] void __assert_fail(const char*, const char*, int, const char*) { __builtin_trap(); }

/// A pure virtual function was called.
void __cxa_pure_virtual() { __builtin_trap(); }

/// Registers a destructor to run at exit. A module never exits.
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }

/// simdjson asks for SIMDJSON_FORCE_IMPLEMENTATION. A module has no environment.
char* getenv(const char*) { return nullptr; }

void __wasm_call_ctors();

/// Never called and not part of a module. That an object mentions __wasm_call_ctors keeps the linker from wrapping
/// each export in a run of global constructors and of the C library's exit (which flushes stdio, through WASI).
/// scripts/check-module sees to it that there are no constructors to run.
void tollgate_no_command() { __wasm_call_ctors(); }

}  // extern "C"
