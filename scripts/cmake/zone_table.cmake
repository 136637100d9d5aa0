# tollgate_zone_table(target): adds to a target the table of time zones that calendar/time_zone_table.h declares, made
# of what scripts/setup has installed.
function(tollgate_zone_table target)
  set(package "${CMAKE_SOURCE_DIR}/.deps/tzdata")
  if(NOT EXISTS "${package}/version")
    message(FATAL_ERROR "The time zones are not installed. Run: make setup")
  endif()
  find_program(TOLLGATE_NODE NAMES node nodejs HINTS "${CMAKE_SOURCE_DIR}/.deps/node/bin" REQUIRED)
  set(script "${CMAKE_SOURCE_DIR}/scripts/cmake/zone_table.mjs")
  set(table "${CMAKE_CURRENT_BINARY_DIR}/time_zone_table.cpp")
  add_custom_command(
    OUTPUT "${table}"
    COMMAND "${TOLLGATE_NODE}" "${script}" "${package}/tzdata" "${table}"
    DEPENDS "${script}" "${package}/version"
    COMMENT "Making the table of time zones"
    VERBATIM
  )
  target_sources(${target} PRIVATE "${table}")
endfunction()
