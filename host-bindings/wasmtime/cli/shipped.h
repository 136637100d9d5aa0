#pragma once

#include <filesystem>
#include <string>

namespace tollgate::cli {

/// A file that comes with this program: beside it where it was put there, else where a build of the checkout has it.
inline std::filesystem::path shipped(const char* beside, const char* in_checkout) {
  std::error_code error;
  const auto file = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / beside;
  return !error && std::filesystem::exists(file, error) ? file : std::filesystem::path(TOLLGATE_CHECKOUT) / in_checkout;
}

}  // namespace tollgate::cli
