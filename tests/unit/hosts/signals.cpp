#include <cstdlib>

namespace {

// wasmtime learns of traps through signal handlers of its own, set once; Boost.Test would set its own over them at the
// start of every case. It reads this variable in main.
[[maybe_unused]] const int kOfBoost = setenv("BOOST_TEST_CATCH_SYSTEM_ERRORS", "no", 1);

}  // namespace
