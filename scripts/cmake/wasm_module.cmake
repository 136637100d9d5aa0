# tollgate_wasm_module(name
#   [OUTPUT name]           of the file, where it is not that of the module
#   SOURCES file…           the exports
#   USES library…           as in tollgate_library
#   EXPORTS file            one name a line, # comments; the module exports these and `memory`, nothing else
#   [IMPORTS file]          one `module.name` a line; without it the module may import nothing
#   MEMORY_BYTES n          initial memory, a multiple of 65536
#   [FIXED_MEMORY]          the memory never grows
#   STACK_BYTES n           the shadow stack, lowest in memory: an overflow traps instead of overwriting data
#   [SMALL]                 wasm-opt makes it small rather than fast
#   [ALLOCATOR trap|once|pool|malloc] [ALLOCATOR_BYTES n]   what operator new does: see wasm/runtime/README.md
# )
#
# Wasm builds: makes <build>/<output>.wasm, optimised and stripped, and <build>/<output>.named.wasm, what the linker
# made, with function names for stack traces. The module has no start function; scripts/check-module holds it to this
# list.
#
# Native builds: the static library tollgate_<name> (alias tollgate::<name>) with the same functions.
function(tollgate_wasm_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg
    "FIXED_MEMORY;SMALL" "OUTPUT;EXPORTS;IMPORTS;MEMORY_BYTES;STACK_BYTES;ALLOCATOR;ALLOCATOR_BYTES" "SOURCES;USES")
  if(NOT TOLLGATE_WASM)
    tollgate_library(${name} SOURCES ${arg_SOURCES} USES ${arg_USES})
    return()
  endif()
  tollgate_declare_library(${name} SOURCES ${arg_SOURCES} USES ${arg_USES})

  foreach(option EXPORTS MEMORY_BYTES STACK_BYTES)
    if(NOT DEFINED arg_${option})
      message(FATAL_ERROR "tollgate_wasm_module(${name}): ${option} is missing")
    endif()
  endforeach()
  if(NOT DEFINED arg_ALLOCATOR)
    set(arg_ALLOCATOR trap)
  endif()
  if(NOT DEFINED arg_OUTPUT)
    set(arg_OUTPUT ${name})
  endif()
  if(NOT DEFINED arg_ALLOCATOR_BYTES)
    set(arg_ALLOCATOR_BYTES 0)
  endif()
  cmake_path(ABSOLUTE_PATH arg_EXPORTS NORMALIZE)
  if(DEFINED arg_IMPORTS)
    cmake_path(ABSOLUTE_PATH arg_IMPORTS NORMALIZE)
  endif()

  # Reconfigure when the list changes: it makes the link line.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${arg_EXPORTS}")
  file(STRINGS "${arg_EXPORTS}" exports REGEX "^[^#]")
  list(TRANSFORM exports STRIP)
  list(FILTER exports EXCLUDE REGEX "^(memory)?$")
  list(TRANSFORM exports PREPEND "--export=")

  set(runtime "${CMAKE_SOURCE_DIR}/wasm/runtime")
  tollgate_targets(uses ${arg_USES})
  add_executable(${name} ${arg_SOURCES} "${runtime}/trap.cpp" "${runtime}/memory.cpp"
    "${runtime}/new_${arg_ALLOCATOR}.cpp")
  set_target_properties(${name} PROPERTIES OUTPUT_NAME ${arg_OUTPUT}.named SUFFIX .wasm
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_compile_definitions(${name} PRIVATE TOLLGATE_ALLOCATOR_BYTES=${arg_ALLOCATOR_BYTES})
  target_compile_options(${name} PRIVATE ${TOLLGATE_CORE_OPTIONS})
  target_link_libraries(${name} PRIVATE ${uses})
  set(link_options
    --no-entry
    --gc-sections
    --stack-first
    -zstack-size=${arg_STACK_BYTES}
    --initial-memory=${arg_MEMORY_BYTES}
    ${exports}
  )
  if(arg_FIXED_MEMORY)
    list(APPEND link_options --max-memory=${arg_MEMORY_BYTES})
  endif()
  if(TOLLGATE_WASM STREQUAL "wasi")
    # clang as a linker would run wasm-opt behind our back, were it not for -O0.
    list(TRANSFORM link_options PREPEND "LINKER:")
    list(APPEND link_options -mexec-model=reactor -nostartfiles -O0 ${TOLLGATE_LTO})
  endif()
  # The runtime defines what the optimiser itself may call (memcpy, operator new): it stays out of its sight.
  set_source_files_properties("${runtime}/trap.cpp" "${runtime}/memory.cpp" "${runtime}/new_${arg_ALLOCATOR}.cpp"
    PROPERTIES COMPILE_OPTIONS "-fno-lto;-fno-whole-program-vtables;-fno-virtual-function-elimination")
  target_link_options(${name} PRIVATE ${link_options})

  find_program(TOLLGATE_WASM_OPT wasm-opt HINTS "$ENV{EMSDK}/upstream/bin" REQUIRED)
  find_program(TOLLGATE_NODE NAMES node nodejs REQUIRED)
  set(level "${TOLLGATE_WASM_OPT_LEVEL}")
  if(arg_SMALL)
    set(level -Oz)
  endif()
  set(linked "$<TARGET_FILE:${name}>")
  set(final "${CMAKE_BINARY_DIR}/${arg_OUTPUT}.wasm")
  set(unchecked "${final}.unchecked")
  set(check "${CMAKE_SOURCE_DIR}/scripts/check-module")
  add_custom_command(
    OUTPUT "${final}"
    COMMAND "${TOLLGATE_WASM_OPT}" "${linked}" -o "${unchecked}" ${level}
      --enable-bulk-memory --enable-sign-ext --enable-mutable-globals --enable-nontrapping-float-to-int
      --strip-debug --strip-producers --strip-target-features
    COMMAND "${TOLLGATE_NODE}" "${check}" "${unchecked}" --linked "${linked}" --exports "${arg_EXPORTS}"
      "$<$<BOOL:${arg_IMPORTS}>:--imports;${arg_IMPORTS}>" "$<$<BOOL:${arg_FIXED_MEMORY}>:--fixed-memory>"
    COMMAND "${CMAKE_COMMAND}" -E rename "${unchecked}" "${final}"
    DEPENDS ${name} "${check}" "${arg_EXPORTS}" ${arg_IMPORTS}
    COMMENT "Optimising ${arg_OUTPUT}.wasm"
    COMMAND_EXPAND_LISTS
    VERBATIM
  )
  add_custom_target(${name}_wasm ALL DEPENDS "${final}")
endfunction()

set(TOLLGATE_WASM_OPT_LEVEL -O2 CACHE STRING "Optimisation level of wasm-opt")
