#pragma once

#include "base/result.h"
#include "host-bindings/wasmtime/http/exchange.h"
#include "host-bindings/wasmtime/http/url.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tollgate::serve {

/// The document of the control plane's API and the page that shows it: `/v3/openapi.yaml`, `/v3/docs`. For everybody.
class ApiDocuments {
 public:
  /// Reads both files. Fails with a sentence.
  static Result<ApiDocuments, std::string> load(const std::filesystem::path& document,
                                                const std::filesystem::path& page);

  /// Answers the request when it is for one of the two.
  bool serve(http::Exchange& exchange, const http::Target& target) const;

 private:
  struct File {
    std::string path;
    http::Fields fields;
    std::string text;
  };
  std::vector<File> files_;
};

}  // namespace tollgate::serve
