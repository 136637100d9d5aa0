#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::http {

/// One header field. The value holds no line break: a `Parser` lets none in.
struct Field {
  std::string name;
  std::string value;
};

/// The header fields of a message, in the order in which they came. Names are compared without case.
class Fields {
 public:
  Fields() = default;
  Fields(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  /// In place of all fields of that name.
  void set(std::string_view name, std::string value);
  void erase(std::string_view name);
  template <class Predicate>
  void erase_if(Predicate predicate) {
    std::erase_if(fields_, predicate);
  }

  /// The values of that name joined by ", " (RFC 9110, 5.3); nothing where there are none.
  std::optional<std::string> joined(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  bool has(std::string_view name) const { return count(name) > 0; }

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

/// Takes away what belongs to one connection and not to the message (RFC 9110, 7.6.1), the message's framing included.
void erase_hop_by_hop(Fields& fields);

/// What `content-length` says; nothing where it says nothing.
std::optional<std::uint64_t> content_length(const Fields& fields);

/// A request up to its body.
struct RequestHead {
  std::string method;
  std::string target;  ///< as received
  Fields fields;
};

/// A response up to its body.
struct ResponseHead {
  int status = 200;
  Fields fields;
};

/// Whether a response has no body whatever its fields say (RFC 9110, 6.4.1), but for those to HEAD.
constexpr bool is_bodiless(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace tollgate::http
