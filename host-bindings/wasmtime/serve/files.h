#pragma once

#include "base/result.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tollgate::serve {

/// The text of a file; fails with a sentence.
inline Result<std::string, std::string> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail("cannot read " + file.string());
  return text;
}

}  // namespace tollgate::serve
