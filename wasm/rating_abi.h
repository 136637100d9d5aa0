#pragma once

#include <cstdint>

/// The C ABI of the rating module, version 1: a price calculator that rates as the control plane bills. wasm/ABI.md is
/// its manual. Addresses are 32-bit offsets into the module's memory in Wasm builds and real pointers in the native
/// build.
///
/// A call that takes a text takes its length and finds it in `tgr_input`'s room. A result ≥ 0 is the length of the
/// answer at `tgr_output`, or a handle; a result < 0 is a refusal: −1 − the length of its text, a JSON array of what is
/// wrong by field. The output stays until the next call.

extern "C" {

std::uint32_t tgr_abi_version();

/// Room for a text of `length` bytes. Memory may grow: make views afterwards.
char* tgr_input(std::uint32_t length);
const char* tgr_output();

/// Takes a price with its discounts and currency; answers a handle ≥ 0.
std::int32_t tgr_price(std::uint32_t length);
/// The handle is not used again; 0, or −1 where it is none.
std::int32_t tgr_forget(std::uint32_t handle);

/// Of a usage: what it comes to and how, or the total alone. A handle that is none is refused.
std::int32_t tgr_rate(std::uint32_t handle, std::uint32_t length);
std::int32_t tgr_total(std::uint32_t handle, std::uint32_t length);

/// Pure questions and answers, both JSON.
std::int32_t tgr_prorate(std::uint32_t length);
std::int32_t tgr_period(std::uint32_t length);
std::int32_t tgr_alignment(std::uint32_t length);
std::int32_t tgr_status(std::uint32_t length);

}  // extern "C"
