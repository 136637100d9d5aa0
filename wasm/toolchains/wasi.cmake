# WebAssembly by clang for wasm32-wasi. WASI_SDK_PATH names a wasi-sdk; without it the distribution's parts of one are
# used: clang-19, llvm-19, lld-19, libclang-rt-19-dev-wasm32, libc++-19-dev-wasm32, libc++abi-19-dev-wasm32, wasi-libc.
# The archiver is named too: the objects are bitcode, which only tools of the compiler's own version read.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(TOLLGATE_WASM wasi)

if(NOT "$ENV{WASI_SDK_PATH}" STREQUAL "")
  set(CMAKE_CXX_COMPILER "$ENV{WASI_SDK_PATH}/bin/clang++")
  set(CMAKE_AR "$ENV{WASI_SDK_PATH}/bin/llvm-ar")
  set(CMAKE_RANLIB "$ENV{WASI_SDK_PATH}/bin/llvm-ranlib")
  set(CMAKE_SYSROOT "$ENV{WASI_SDK_PATH}/share/wasi-sysroot")
else()
  set(CMAKE_CXX_COMPILER clang++-19)
  find_program(CMAKE_AR llvm-ar-19 REQUIRED)
  find_program(CMAKE_RANLIB llvm-ranlib-19 REQUIRED)
endif()
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)

# Modules are linked by tollgate_wasm_module only; the compiler check needs no program that links.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)
