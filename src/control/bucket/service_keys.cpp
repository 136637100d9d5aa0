#include "control/bucket/service_keys.h"

#include "base/api_key.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "base/text.h"
#include "control/bucket/bucket.h"
#include "control/http/list.h"
#include "json/object_reader.h"

#include <array>

namespace tollgate::control {
namespace {

constexpr std::string_view kPrefix = "tgs_";

struct NamedRole {
  std::string_view name;
  ServiceRole role;
};

constexpr std::array<NamedRole, 4> kRoles = {{{"admin", ServiceRole::admin},
                                              {"read-only", ServiceRole::read_only},
                                              {"edge", ServiceRole::edge},
                                              {"portal", ServiceRole::portal}}};
constexpr std::string_view kRoleNames[] = {kRoles[0].name, kRoles[1].name, kRoles[2].name, kRoles[3].name};

/// `tgs_working_copy_`: a service key says which bucket it belongs to, so that a key in the wrong place is told apart
/// from a wrong key without asking the other bucket.
std::string prefix_of(std::string_view bucket) {
  std::string prefix(kPrefix);
  for (char c : bucket) prefix += c == '-' ? '_' : c;
  return prefix + '_';
}

std::string make_service_key(Context& context) {
  ApiKeyText text;
  while (!make_api_key(context.random.bytes<kApiKeySeedBytes>(), text)) {
  }
  return prefix_of(context.bucket()).append(text.view().substr(ApiKeyText::kPrefix.size()));
}

bool belongs_to_other_bucket(std::string_view key, std::string_view bucket) {
  for (std::string_view other : kBuckets) {
    const std::string prefix = prefix_of(other);
    if (other == bucket || !key.starts_with(prefix)) continue;
    const std::string as_api_key = std::string(ApiKeyText::kPrefix).append(key.substr(prefix.size()));
    return well_formed(as_api_key, KeyFormat::tgk);
  }
  return false;
}

/// The key of `Bearer key`; empty where the header is none of that form.
std::string_view bearer_key(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() <= kScheme.size() || !equal_ignoring_case(header.substr(0, kScheme.size()), kScheme)) return {};
  const std::string_view key = trim(header.substr(kScheme.size()));
  return well_formed(key, KeyFormat::any) ? key : std::string_view();
}

bool is_operator_key(const Settings& settings, const Digest& presented) {
  const bool counts =
      settings.local ? !settings.admin_key.empty() : settings.admin_key.size() >= limits::kMinOperatorKey;
  return counts && equal_in_constant_time(sha256(settings.admin_key), presented);
}

int hex_value(char c) { return is_digit(c) ? c - '0' : c - 'a' + 10; }

/// Of 64 lower-case digits that we wrote ourselves.
Digest digest_from(std::string_view hex) {
  Digest digest;
  if (hex.size() != Digest::kHexLength) return digest;
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    digest.bytes[i] = static_cast<std::uint8_t>(hex_value(hex[2 * i]) * 16 + hex_value(hex[2 * i + 1]));
  }
  return digest;
}

std::optional<ServiceRole> role_named(std::string_view name) {
  for (const NamedRole& row : kRoles) {
    if (row.name == name) return row.role;
  }
  return std::nullopt;
}

Response unauthorized(const Request& request, std::string_view detail) {
  Response response = problem(request, 401, "unauthorized", detail);
  response.headers.emplace_back("www-authenticate", "Bearer");
  return response;
}

void write_service_key(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("name", row.text(1));
  to.member("role", row.text(2));
  write_instant_member(to, "createdAt", row.instant(3));
  to.end_object();
}

}  // namespace

std::optional<Caller> authenticate(const Request& request, Sql& sql, Response& refusal) {
  const std::string_view header = request.header("authorization");
  const std::string_view key = bearer_key(header);
  if (key.empty()) {
    refusal = unauthorized(request, header.empty() ? "A service key is required: Authorization: Bearer <key>."
                                                   : "The Authorization header must read: Bearer <key>.");
    return std::nullopt;
  }
  const Digest presented = sha256(key);
  if (is_operator_key(request.settings, presented)) return Caller{ServiceRole::admin, true};
  char hex[Digest::kHexLength];
  presented.write_hex(hex);
  const Rows rows =
      sql.query("SELECT digest, role FROM service_keys WHERE digest = ?", std::string_view(hex, sizeof hex));
  const auto role = role_named(rows.first().text(1));
  if (role.has_value() && equal_in_constant_time(digest_from(rows.first().text(0)), presented)) {
    return Caller{*role, false};
  }
  if (belongs_to_other_bucket(key, request.object)) {
    refusal = problem(request, 403, "other_bucket", "The service key belongs to another bucket.");
  } else {
    refusal = unauthorized(request, "The service key is not known.");
  }
  return std::nullopt;
}

Response create_service_key(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  const std::string name = fields.text("name", json::kLabelText);
  const auto role = fields.word("role", kRoleNames);
  fields.refuse_others();
  if (!context.violations.empty()) return context.invalid_input();
  const std::string id = context.new_id();
  const std::string key = make_service_key(context);
  context.sql.exec("INSERT INTO service_keys (id, digest, name, role, created_at) VALUES (?, ?, ?, ?, ?)", id,
                   digest_hex(key), name, kRoleNames[*role], context.now());
  const auto text = [&](bool shown) {
    json::Text text_of_answer;
    JsonWriter to(text_of_answer);
    to.begin_object();
    to.member("id", std::string_view(id));
    to.member("name", std::string_view(name));
    to.member("role", kRoleNames[*role]);
    if (shown) to.member("key", std::string_view(key));
    write_instant_member(to, "createdAt", context.now());
    to.end_object();
    return text_of_answer.take();
  };
  context.replay_body = text(false);
  return json_answer(201, text(true));
}

Response list_service_keys(Context& context) {
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  const Rows total = context.sql.query("SELECT count(*) FROM service_keys");
  const Rows rows = context.sql.query(
      "SELECT id, name, role, created_at FROM service_keys ORDER BY rowid LIMIT ? OFFSET ?", page.size, page.offset());
  return list_answer(page, total, rows, write_service_key);
}

Response delete_service_key(Context& context) {
  const Rows rows = context.sql.query("DELETE FROM service_keys WHERE id = ? RETURNING id", context.parameters[0]);
  return rows.empty() ? context.not_found("service key") : no_content();
}

}  // namespace tollgate::control
