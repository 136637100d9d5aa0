# WebAssembly by clang for wasm32-wasi. WASI_SDK_PATH names a wasi-sdk; without it the distribution's parts of one are
# used: clang-19, lld-19, libclang-rt-19-dev-wasm32, libc++-19-dev-wasm32, libc++abi-19-dev-wasm32, wasi-libc.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(TOLLGATE_WASM wasi)

if(NOT "$ENV{WASI_SDK_PATH}" STREQUAL "")
  set(CMAKE_CXX_COMPILER "$ENV{WASI_SDK_PATH}/bin/clang++")
  set(CMAKE_SYSROOT "$ENV{WASI_SDK_PATH}/share/wasi-sysroot")
else()
  set(CMAKE_CXX_COMPILER clang++-19)
endif()
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)

# Modules are linked by tollgate_wasm_module only; the compiler check needs no program that links.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)
