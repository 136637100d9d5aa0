# tollgate::simdjson, from the single header and source of the npm package @nozbe/simdjson. Only src/json/ uses it.
set(folder "${CMAKE_SOURCE_DIR}/node_modules/@nozbe/simdjson/src")
if(NOT EXISTS "${folder}/simdjson.cpp")
  message(FATAL_ERROR "simdjson is not installed. Run: make setup")
endif()

add_library(tollgate_simdjson STATIC "${folder}/simdjson.cpp")
add_library(tollgate::simdjson ALIAS tollgate_simdjson)
target_include_directories(tollgate_simdjson SYSTEM PUBLIC "${folder}")
target_compile_definitions(tollgate_simdjson PUBLIC SIMDJSON_EXCEPTIONS=0)
target_compile_options(tollgate_simdjson PRIVATE -w -fno-exceptions -fno-rtti)

if(TOLLGATE_WASM)
  # Wasm has no kernel of its own in simdjson. The dispatch between kernels goes with them.
  target_compile_definitions(tollgate_simdjson PUBLIC
    SIMDJSON_IMPLEMENTATION_FALLBACK=1
    SIMDJSON_IMPLEMENTATION_ARM64=0
    SIMDJSON_IMPLEMENTATION_HASWELL=0
    SIMDJSON_IMPLEMENTATION_ICELAKE=0
    SIMDJSON_IMPLEMENTATION_LASX=0
    SIMDJSON_IMPLEMENTATION_LSX=0
    SIMDJSON_IMPLEMENTATION_PPC64=0
    SIMDJSON_IMPLEMENTATION_WESTMERE=0
  )
  target_compile_options(tollgate_simdjson PRIVATE -O2)
endif()
