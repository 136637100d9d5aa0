# WebAssembly by Emscripten, used for its clang and its system libraries: standalone modules without JavaScript glue.
# EMSDK names an emsdk; without it, em++ is the distribution's.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(TOLLGATE_WASM emscripten)

if(NOT "$ENV{EMSDK}" STREQUAL "")
  set(tools "$ENV{EMSDK}/upstream/emscripten/")
endif()
set(CMAKE_CXX_COMPILER "${tools}em++")
set(CMAKE_AR "${tools}emar")
set(CMAKE_RANLIB "${tools}emranlib")

set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)

# Modules are linked by wasm-ld itself: em++ as a linker exports its own helpers (stackSave, __errno_location, …) from
# every module and asks for a JavaScript side. The order of the libraries is em++'s.
execute_process(COMMAND "${tools}em-config" LLVM_ROOT OUTPUT_VARIABLE llvm OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND "${tools}em-config" CACHE OUTPUT_VARIABLE cache OUTPUT_STRIP_TRAILING_WHITESPACE)
find_program(TOLLGATE_WASM_LD NAMES wasm-ld wasm-ld-14 HINTS "${llvm}" NO_CMAKE_FIND_ROOT_PATH REQUIRED)
set(CMAKE_CXX_LINK_EXECUTABLE "${TOLLGATE_WASM_LD} <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES> \
-L${cache}/sysroot/lib/wasm32-emscripten \
-lc++-noexcept -lc++abi-noexcept -lc -ldlmalloc -lcompiler_rt")
