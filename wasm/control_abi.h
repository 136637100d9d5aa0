#pragma once

#include <cstdint>

/// The C ABI of the control module, version 2. wasm/ABI.md is its manual. Addresses are 32-bit offsets into the
/// module's memory in Wasm builds and real pointers in the native build.

extern "C" {

std::uint32_t tgc_abi_version();

/// Room for the request frame of the next `tgc_handle`, at least `length` bytes. Memory may grow: make views
/// afterwards.
char* tgc_request(std::uint32_t length);

/// Performs the request whose frame of `length` bytes is in `tgc_request`'s room, and returns the length of the
/// response frame, which stands at `tgc_response()` until the next call. One call at a time.
std::uint32_t tgc_handle(std::uint32_t length);
const char* tgc_response();

/// Room for the rows of the statement under way, at least `length` bytes: called by the host inside of `tollgate_sql`,
/// and at no other time.
char* tgc_rows(std::uint32_t length);

/// The one import, `tollgate.sql`: performs a statement on the object's database, now. The rows, or the text of the
/// error, go into `tgc_rows`' room. Returns the length of the rows, or minus one minus the length of the error's text.
#ifdef __wasm__
__attribute__((import_module("tollgate"), import_name("sql")))
#endif
std::int32_t
tollgate_sql(const char* statement, std::uint32_t statement_length, const char* bindings,
             std::uint32_t bindings_length);

}  // extern "C"
