# What only native builds link: wasmtime, SQLite, Boost.Test, RapidCheck.

# wasmtime::wasmtime, from WASMTIME_C_API_DIR if set, else from what scripts/setup has put together.
if(NOT "$ENV{WASMTIME_C_API_DIR}" STREQUAL "")
  set(wasmtime "$ENV{WASMTIME_C_API_DIR}")
else()
  set(wasmtime "${CMAKE_SOURCE_DIR}/.deps/wasmtime")
endif()
if(EXISTS "${wasmtime}/lib/libwasmtime.so")
  add_library(wasmtime::wasmtime SHARED IMPORTED GLOBAL)
  set_target_properties(wasmtime::wasmtime PROPERTIES
    IMPORTED_LOCATION "${wasmtime}/lib/libwasmtime.so"
    IMPORTED_NO_SONAME ON
    INTERFACE_INCLUDE_DIRECTORIES "${wasmtime}/include"
  )
else()
  message(WARNING "wasmtime is not installed: no wasmtime host. Run: make setup")
endif()

find_package(SQLite3)
find_package(Boost 1.74 COMPONENTS unit_test_framework)

if(Boost_FOUND)
  add_subdirectory("${CMAKE_CURRENT_LIST_DIR}/test_main" scripts/cmake/test_main)
endif()

# rapidcheck::rapidcheck: its package has a name without colons, and that would pass for any library of the system's.
find_package(rapidcheck QUIET)
if(rapidcheck_FOUND)
  add_library(rapidcheck::rapidcheck ALIAS rapidcheck)
endif()
