#include "host-bindings/wasmtime/serve/api_documents.h"

#include "host-bindings/wasmtime/serve/files.h"

namespace tollgate::serve {
namespace {

/// The page has styles of its own and nothing else that is active.
constexpr const char* kPagePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

http::Fields fields_of(const char* type) {
  return {{"content-type", type}, {"cache-control", "public, max-age=300"}, {"x-content-type-options", "nosniff"}};
}

}  // namespace

Result<ApiDocuments, std::string> ApiDocuments::load(const std::filesystem::path& document,
                                                     const std::filesystem::path& page) {
  auto yaml = read_file(document);
  if (!yaml.ok()) return fail(yaml.error());
  auto html = read_file(page);
  if (!html.ok()) return fail(html.error());
  http::Fields page_fields = fields_of("text/html; charset=utf-8");
  page_fields.add("content-security-policy", kPagePolicy);
  ApiDocuments documents;
  documents.files_.push_back({"/v3/openapi.yaml", fields_of("application/yaml; charset=utf-8"), std::move(*yaml)});
  documents.files_.push_back({"/v3/docs", std::move(page_fields), std::move(*html)});
  return documents;
}

bool ApiDocuments::serve(http::Exchange& exchange, const http::Target& target) const {
  for (const auto& [path, fields, text] : files_) {
    if (target.path != path) continue;
    const std::string& method = exchange.request().method;
    if (method == "GET" || method == "HEAD") {
      exchange.respond({200, fields}, text);
    } else {
      exchange.respond({405, {{"allow", "GET, HEAD"}}}, "");
    }
    return true;
  }
  return false;
}

}  // namespace tollgate::serve
