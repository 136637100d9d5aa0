# The project's build functions:
#   tollgate_library       a folder of src/
#   tollgate_wasm_module   a module of wasm/ (in a native build: a static library with the same ABI)
#   tollgate_unit_tests    one Boost.Test program
#   tollgate_test_library  what several of them share
#   tollgate_fuzz_target   one libFuzzer program (sanitizers only)
#   tollgate_check_includes   after all of them: what a library includes is in its USES
#   tollgate_zone_table    the table of time zones, for the library that reads it
# and the packages they stand on: tollgate::simdjson, wasmtime::wasmtime, SQLite::SQLite3, Boost::unit_test_framework.

# TOLLGATE_WASM is set by a Wasm toolchain file: "wasi" or "emscripten"; empty in native builds.
option(TOLLGATE_SANITIZE "Address and undefined-behaviour sanitizers, and the libFuzzer targets" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)

set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # not CMake's default, whose -DNDEBUG would turn assertions off
if(TOLLGATE_WASM STREQUAL "emscripten")
  set(CMAKE_CXX_FLAGS_RELEASE "-Os")  # with -O2 its older clang is over the size that the edge module may have
endif()
add_compile_options(-ffunction-sections -fdata-sections "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")

if(TOLLGATE_WASM)
  # What every engine of the last years can run, said explicitly: the default differs between versions of clang.
  add_compile_options(-mbulk-memory -msign-ext -mmutable-globals -mnontrapping-fptoint -mno-multivalue
    -mno-reference-types)
  add_compile_options(-fno-exceptions -fno-rtti -fno-threadsafe-statics)
  # Link-time optimisation sees that nobody calls simdjson's DOM half behind its virtual functions: a third of the edge
  # module (docs/decisions/0004-two-toolchains.md).
  set(TOLLGATE_LTO -flto -fwhole-program-vtables -fvirtual-function-elimination)
  add_compile_options(${TOLLGATE_LTO})
else()
  add_compile_options(-g1 -fno-omit-frame-pointer)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

if(TOLLGATE_SANITIZE)
  # The vptr check needs RTTI, which the core is built without.
  set(sanitizers -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all)
  add_compile_options(-O1 ${sanitizers})
  add_link_options(${sanitizers})
endif()

set(TOLLGATE_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND TOLLGATE_WARNINGS -Werror)
endif()
# Modules have no start function: nothing may need to run before main, which a module has not got.
set(TOLLGATE_CORE_OPTIONS -fno-exceptions -fno-rtti ${TOLLGATE_WARNINGS})
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND TOLLGATE_CORE_OPTIONS -Wglobal-constructors -Wexit-time-destructors)
endif()
if(TOLLGATE_SANITIZE)
  list(APPEND TOLLGATE_CORE_OPTIONS -fsanitize=fuzzer-no-link)  # the fuzzers see which branches an input takes
endif()

# Emscripten 3.1.6 has clang's coroutines but not the header.
if(TOLLGATE_WASM STREQUAL "emscripten")
  include(CheckIncludeFileCXX)
  set(CMAKE_REQUIRED_FLAGS "-std=c++20")
  check_include_file_cxx(coroutine TOLLGATE_HAS_COROUTINE)
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT TOLLGATE_HAS_COROUTINE)
    include_directories(SYSTEM "${CMAKE_SOURCE_DIR}/wasm/compat")
  endif()
endif()

include(simdjson)
include(zone_table)
include(include_graph)
if(NOT TOLLGATE_WASM)
  include(native_packages)
endif()
include(wasm_module)

# tollgate::x for our own libraries; anything with :: in it is taken as it is.
function(tollgate_targets out)
  set(targets "")
  foreach(name IN LISTS ARGN)
    if(NOT name MATCHES "::")
      set(name "tollgate::${name}")
    endif()
    list(APPEND targets "${name}")
  endforeach()
  set(${out} "${targets}" PARENT_SCOPE)
endfunction()

# tollgate_library(name [SOURCES file…] [HEADERS file…] [USES library…] [LINKS library…] [EXCEPTIONS])
#
# The static library tollgate_<name> (alias tollgate::<name>) of a folder, without exceptions and RTTI unless EXCEPTIONS
# (for hosts whose packages throw), included as "folder/header.h". USES lists what its files may include: other
# libraries by name, so that this line is the dependency graph, which include_graph.cmake holds it to. HEADERS: those
# without a source of the same name, where several libraries share the folder. LINKS: those whose functions it calls
# without including anything of theirs: a module's exports. Without SOURCES it is a header-only library.
function(tollgate_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "EXCEPTIONS" "" "SOURCES;HEADERS;USES;LINKS")
  tollgate_declare_library(${name} SOURCES ${arg_SOURCES} HEADERS ${arg_HEADERS} USES ${arg_USES})
  tollgate_targets(uses ${arg_USES} ${arg_LINKS})
  set(target tollgate_${name})
  set(roots "${CMAKE_SOURCE_DIR}/src")
  cmake_path(IS_PREFIX roots "${CMAKE_CURRENT_SOURCE_DIR}" in_core)
  if(NOT in_core)
    list(APPEND roots "${CMAKE_SOURCE_DIR}")
  endif()
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    target_include_directories(${target} PUBLIC ${roots})
    set(options ${TOLLGATE_CORE_OPTIONS})
    if(arg_EXCEPTIONS)
      set(options ${TOLLGATE_WARNINGS})
    endif()
    target_compile_options(${target} PRIVATE ${options})
    if(in_core AND NOT TOLLGATE_WASM)
      tollgate_parse_once(${target})
    endif()
    target_link_libraries(${target} PUBLIC ${uses})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${roots})
    target_link_libraries(${target} INTERFACE ${uses})
  endif()
  add_library(tollgate::${name} ALIAS ${target})
endfunction()

# Has the standard's headers parsed once for all of the core, in native builds: they are half of what a source takes to
# compile. The builds of the modules do without, and so see a header that a source forgets.
function(tollgate_parse_once target)
  if(NOT TARGET tollgate_std)
    file(WRITE "${CMAKE_BINARY_DIR}/std.cpp" "")
    add_library(tollgate_std OBJECT "${CMAKE_BINARY_DIR}/std.cpp")
    target_compile_options(tollgate_std PRIVATE ${TOLLGATE_CORE_OPTIONS})
    target_precompile_headers(tollgate_std PRIVATE <algorithm> <array> <cstdint> <functional> <map> <memory> <optional>
      <set> <span> <string> <string_view> <utility> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM tollgate_std)
endfunction()

# tollgate_unit_tests(name [OPTIMISED] SOURCES file… [USES library…])
#
# The Boost.Test program test_<name>, main included: a source includes <boost/test/unit_test.hpp> and adds cases.
# scripts/test counts its cases. OPTIMISED: what the tests themselves compute takes longer than to compile them.
function(tollgate_unit_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "OPTIMISED" "" "SOURCES;USES")
  set(main tollgate_test_main)
  if(arg_OPTIMISED)
    string(APPEND main _optimised)
  endif()
  tollgate_targets(uses ${arg_USES})
  set(target test_${name})
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${uses} ${main})
  target_compile_options(${target} PRIVATE ${TOLLGATE_WARNINGS})
  # Boost's header takes seconds to parse; it is parsed once for all tests.
  target_precompile_headers(${target} REUSE_FROM ${main})
  set_property(GLOBAL APPEND PROPERTY TOLLGATE_UNITS ${target})
  add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS boost)
endfunction()

# tollgate_test_library(name SOURCES file… [USES library…])
#
# What several programs of unit tests share: the library tollgate::<name>.
function(tollgate_test_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  tollgate_targets(uses ${arg_USES})
  set(target tollgate_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(tollgate::${name} ALIAS ${target})
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
  # As the programs are compiled, but without their main function.
  foreach(what COMPILE_OPTIONS COMPILE_DEFINITIONS)
    set_property(TARGET ${target} APPEND PROPERTY ${what} $<TARGET_PROPERTY:tollgate_test_main,INTERFACE_${what}>)
  endforeach()
  target_compile_options(${target} PRIVATE ${TOLLGATE_WARNINGS})
  target_link_libraries(${target} PUBLIC ${uses} Boost::unit_test_framework)
  target_precompile_headers(${target} REUSE_FROM tollgate_test_main)
endfunction()

# tollgate_fuzz_target(name SOURCES file… [USES library…])
#
# The libFuzzer program fuzz_<name>. Does nothing in a build without sanitizers.
function(tollgate_fuzz_target name)
  if(NOT TOLLGATE_SANITIZE)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  tollgate_targets(uses ${arg_USES})
  set(target fuzz_${name})
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${uses})
  target_compile_options(${target} PRIVATE ${TOLLGATE_WARNINGS})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
endfunction()
