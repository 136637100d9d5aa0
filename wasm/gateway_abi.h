#pragma once

#include <cstdint>

/// The C ABI of the gateway module, version 1: what stands around the policy (S2.9, S2.10). wasm/ABI.md is its manual.
/// Addresses are 32-bit offsets into the module's memory in Wasm builds and real pointers in the native build.
///
/// Every question is about a subject, a number, and takes the length of a text in `tgg_input`'s room. A result ≥ 0 is
/// an answer, one < 0 a refusal; either may leave a text at `tgg_output`, which stays until the next call.

extern "C" {

std::uint32_t tgg_abi_version();

/// Room for a text of `length` bytes; null where that is more than a text may have.
char* tgg_input(std::uint32_t length);
const char* tgg_output();
std::uint32_t tgg_output_length();

/// A list of policies of so many bytes, then a `routes.json`: the number of routes, and the table as JSON.
std::int32_t tgg_configure(std::uint32_t policies_length, std::uint32_t length);

/// Which route serves a request, by method and path: its index, and the path in normal form.
std::int32_t tgg_match(std::uint32_t unused, std::uint32_t length);
/// 204 and the fields of the answer, or −1: the request is no preflight that is answered here.
std::int32_t tgg_preflight(std::uint32_t unused, std::uint32_t length);

/// What becomes of fields: how many edits, and the edits. The route of `tgg_cors_fields` may be 4294967295: none.
std::int32_t tgg_request_fields(std::uint32_t route, std::uint32_t length);
std::int32_t tgg_own_fields(std::uint32_t route, std::uint32_t length);
std::int32_t tgg_response_fields(std::uint32_t route, std::uint32_t length);
std::int32_t tgg_cors_fields(std::uint32_t route, std::uint32_t length);

/// An answer of the gateway's own: its status, and fields and body.
std::int32_t tgg_problem(std::uint32_t unused, std::uint32_t length);

/// Begins to read a response for the meters of a route: a handle; `body` where its body is to be fed, `refused` where
/// it is not to be handed on.
std::int32_t tgg_begin_reading(std::uint32_t route, std::uint32_t length);
/// A piece of the body: 1, or 0 where no more of it is needed.
std::int32_t tgg_feed(std::uint32_t reading, std::uint32_t length);
/// Ends a reading, of a body that was `whole` or `cut`: 0, and what was read as JSON.
std::int32_t tgg_end_reading(std::uint32_t reading, std::uint32_t length);

/// What is to be done about a batch of events that was refused with a status: 0, and the batches as JSON.
std::int32_t tgg_sort_refused(std::uint32_t status, std::uint32_t length);

}  // extern "C"
