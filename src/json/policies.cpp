#include "json/policies.h"

#include "json/writer.h"

namespace tollgate::json {
namespace {

using simdjson::SUCCESS;

constexpr std::int64_t kMaxRecheckSeconds = 3'600;
constexpr std::int64_t kMaxSeconds = 31'536'000;  // a year: nobody means a longer cache

/// Reads the entries one by one; the first fault ends it, with a sentence about it.
class PolicyReader {
 public:
  PolicyReader(NameTable& names, Configuration& configuration, TextBuffer& problem)
      : names_(names), configuration_(configuration), problem_(problem) {}

  bool read_document(ondemand::document& document) {
    ondemand::json_type type;
    if (document.type().get(type) != SUCCESS) return broken();
    if (type == ondemand::json_type::array) return read_entries(document) && at_end(document);
    if (type != ondemand::json_type::object) return fault("the configuration must be an array of policies");
    bool found = false;
    ondemand::object object;
    if (document.get_object().get(object) != SUCCESS) return broken();
    for (auto entry : object) {
      ondemand::field field;
      std::string_view key;
      if (!take_member(std::move(entry), field, key)) return broken();
      if (key != "policies" || found) continue;
      found = true;
      if (!read_entries(field.value())) return false;
    }
    if (!found) return fault("the configuration must be an array of policies, or an object with \"policies\"");
    return at_end(document);
  }

 private:
  bool at_end(ondemand::document& document) { return document.at_end() || broken(); }
  bool broken() { return fault("the configuration is not valid JSON"); }

  bool fault(std::string_view sentence) {
    problem_.append(sentence);
    return false;
  }

  /// `policy "x": option "meters": "api": -1: must be …`
  bool option_fault(std::string_view rule) {
    problem_.append("policy ");
    quote(policy_->name);
    if (!option_.empty()) {
      problem_.append("option ");
      quote(option_);
    }
    if (member_.data() != nullptr) quote(member_);
    if (!value_.empty()) {
      constexpr std::size_t kShown = 64;
      problem_.append(value_.substr(0, kShown));
      problem_.append(value_.size() > kShown ? "...: " : ": ");
    }
    problem_.append(rule);
    return false;
  }

  void quote(std::string_view text) {
    problem_.append('"');
    write_escaped(problem_, text);
    problem_.append("\": ");
  }

  /// Notes what is being read, for the sentence about it.
  void look_at(std::string_view member, ondemand::value& value) {
    member_ = member;
    value_ = token_of(value);
    if (value_ == "{" || value_ == "[") value_ = {};
  }

  template <class Value>
  bool read_entries(Value&& value) {
    ondemand::array array;
    const simdjson::error_code error = value.get_array().get(array);
    if (error == simdjson::INCORRECT_TYPE) return fault("\"policies\" must be an array");
    if (error != SUCCESS) return broken();
    for (auto element : array) {
      ondemand::value entry;
      if (std::move(element).get(entry) != SUCCESS) return broken();
      if (configuration_.count == configuration_.policies.size()) return fault("there must be at most 64 policies");
      policy_ = &configuration_.policies[configuration_.count];
      if (!read_entry(entry)) return false;
      ++configuration_.count;
    }
    return true;
  }

  bool read_entry(ondemand::value& entry) {
    *policy_ = {};
    policy_->name = "?";
    policy_->auth_header = "authorization";
    policy_->auth_scheme = "Bearer";
    policy_->ttl_ms = 60'000;
    policy_->stale_ms = 3'600'000;
    policy_->recheck_ms = 5'000;
    policy_->metered_statuses.add(200, 299);
    option_ = member_ = value_ = {};
    // The name comes first, wherever it stands, so that every other fault can name the policy.
    std::string_view name;
    ondemand::object object;
    if (entry.get_object().get(object) != SUCCESS) return fault("each policy must be an object");
    if (object.find_field_unordered("name").get_string().get(name) != SUCCESS || name.empty() ||
        name.size() > limits::kMaxPolicyName || has_control(name)) {
      return fault("each policy must have a \"name\": a text of 1 to 128 bytes");
    }
    for (std::size_t i = 0; i < configuration_.count; ++i) {
      if (configuration_.policies[i].name != name) continue;
      policy_->name = configuration_.policies[i].name;
      return option_fault("the name must be unique");
    }
    policy_->name = configuration_.keep(name);
    if (object.reset().error() != SUCCESS) return broken();
    bool typed = false;
    bool handled = false;
    for (auto member : object) {
      ondemand::field field;
      std::string_view key;
      if (!take_member(std::move(member), field, key)) return broken();
      if (key == "policyType") {
        std::string_view type;
        if (!read(field.value(), type) || type != "monetization-inbound") {
          return option_fault("\"policyType\" must be \"monetization-inbound\"");
        }
        typed = true;
      } else if (key == "handler") {
        if (!read_handler(field.value())) return false;
        handled = true;
      }
    }
    if (!typed) return option_fault("\"policyType\" must be \"monetization-inbound\"");
    return handled || option_fault("\"handler\" is missing");
  }

  bool read_handler(ondemand::value& handler) {
    ondemand::object object;
    if (handler.get_object().get(object) != SUCCESS) return option_fault("\"handler\" must be an object");
    for (auto member : object) {
      ondemand::field field;
      std::string_view key;
      if (!take_member(std::move(member), field, key)) return broken();
      if (key == "options") {
        if (!read_options(field.value())) return false;
      } else if (key == "export") {
        std::string_view text;
        if (!read(field.value(), text) || text != "MonetizationInboundPolicy") {
          return option_fault("\"handler.export\" must be \"MonetizationInboundPolicy\"");
        }
      } else if (key != "module") {
        option_ = key;
        return option_fault("is not a member of \"handler\"");
      }
    }
    return true;
  }

  bool read_options(ondemand::value& options) {
    ondemand::object object;
    if (options.get_object().get(object) != SUCCESS) return option_fault("\"handler.options\" must be an object");
    std::uint32_t seen = 0;
    for (auto member : object) {
      ondemand::field field;
      if (!take_member(std::move(member), field, option_)) return broken();
      look_at({}, field.value());
      if (!read_option(field.value(), seen)) return false;
    }
    option_ = member_ = value_ = {};
    return true;
  }

  bool read_option(ondemand::value& value, std::uint32_t& seen) {
    using Parse = bool (PolicyReader::*)(ondemand::value&);
    constexpr struct {
      std::string_view name;
      Parse parse;
    } kOptions[] = {
        {"meters", &PolicyReader::read_meters},
        {"requiredEntitlements", &PolicyReader::read_required},
        {"meterOnStatusCodes", &PolicyReader::read_statuses},
        {"authHeader", &PolicyReader::read_auth_header},
        {"authScheme", &PolicyReader::read_auth_scheme},
        {"cacheTtlSeconds", &PolicyReader::read_ttl},
        {"quota", &PolicyReader::read_quota},
        {"subject", &PolicyReader::read_subject},
        {"quotaHeaders", &PolicyReader::read_quota_headers},
        {"staleIfErrorSeconds", &PolicyReader::read_stale},
        {"upgradeUrl", &PolicyReader::read_upgrade_url},
        {"recheckDeniedSeconds", &PolicyReader::read_recheck},
        {"whenUndeliverable", &PolicyReader::read_when_undeliverable},
        {"merge", &PolicyReader::read_merge},
    };
    std::uint32_t bit = 1;
    for (const auto& known : kOptions) {
      if (known.name == option_) {
        if ((seen & bit) != 0) return option_fault("is given twice");
        seen |= bit;
        return (this->*known.parse)(value);
      }
      bit <<= 1;
    }
    value_ = {};
    return option_fault("is not an option of this policy");
  }

  bool read_meters(ondemand::value& value) {
    constexpr std::string_view kRule = "must be an object of meter keys and numbers, with at least one member";
    ondemand::object object;
    if (value.get_object().get(object) != SUCCESS) return option_fault(kRule);
    policy_->has_meters = true;
    for (auto member : object) {
      ondemand::field field;
      std::string_view key;
      if (!take_member(std::move(member), field, key)) return broken();
      int name = 0;
      look_at(key, field.value());
      if (!intern(key, name)) return false;
      if (policy_->meters_name(static_cast<NameId>(name))) return option_fault("is given twice");
      if (policy_->meter_count == policy_->meter_list.size()) return option_fault("must have at most 16 meters");
      PolicyMeter& meter = policy_->meter_list[policy_->meter_count];
      if (!read(field.value(), meter.cost) || meter.cost.negative()) {
        return option_fault(
            "each value must be a number, finite, at least 0, below 10^18, with up to 9 fractional digits");
      }
      meter.name = static_cast<NameId>(name);
      ++policy_->meter_count;
    }
    member_ = value_ = {};
    return policy_->meter_count > 0 || option_fault(kRule);
  }

  bool read_required(ondemand::value& value) {
    constexpr std::string_view kRule = "must be an array of entitlement keys";
    ondemand::array array;
    if (value.get_array().get(array) != SUCCESS) return option_fault(kRule);
    for (auto element : array) {
      ondemand::value item;
      std::string_view key;
      if (std::move(element).get(item) != SUCCESS) return broken();
      look_at({}, item);
      if (!read(item, key)) return option_fault(kRule);
      int name = 0;
      if (!intern(key, name)) return false;
      if (policy_->required_count == policy_->required_list.size())
        return option_fault("must have at most 16 entitlements");
      policy_->required_list[policy_->required_count++] = static_cast<NameId>(name);
    }
    return true;
  }

  bool intern(std::string_view key, int& name) {
    if (!is_meter_key(key)) return option_fault("each key must have 1 to 64 bytes and no control characters");
    name = names_.intern(key);
    return name >= 0 || option_fault("all policies together must name at most 256 different keys");
  }

  bool read_statuses(ondemand::value& value) {
    constexpr std::string_view kRule =
        "must be status codes: a text like \"200, 300-304\" or an array of numbers, each 100 to 599, low to high";
    policy_->metered_statuses = {};
    std::string_view text;
    if (read(value, text)) return policy_->metered_statuses.parse(text) || option_fault(kRule);
    ondemand::array array;
    if (value.get_array().get(array) != SUCCESS) return option_fault(kRule);
    for (auto element : array) {
      ondemand::value item;
      std::int64_t status = 0;
      if (std::move(element).get(item) != SUCCESS) return broken();
      look_at({}, item);
      if (!read(item, status) || !policy_->metered_statuses.add(status, status)) return option_fault(kRule);
    }
    return !policy_->metered_statuses.empty() || option_fault(kRule);
  }

  bool read_auth_header(ondemand::value& value) {
    std::string_view text;
    if (!read(value, text) || text.size() > limits::kMaxHeaderName || !is_token(text)) {
      return option_fault("must be the name of a header, of at most 64 characters");
    }
    const std::size_t at = configuration_.text_size;
    policy_->auth_header = configuration_.keep(text);
    for (std::size_t i = at; i < configuration_.text_size; ++i)
      configuration_.texts[i] = lower(configuration_.texts[i]);
    return true;
  }

  bool read_auth_scheme(ondemand::value& value) {
    std::string_view text;
    if (!read(value, text) || text.size() > limits::kMaxScheme || !(text.empty() || is_token(text))) {
      return option_fault("must be an authentication scheme of at most 32 characters, or \"\"");
    }
    policy_->auth_scheme = configuration_.keep(text);
    return true;
  }

  bool read_seconds(ondemand::value& value, std::int64_t minimum, std::string_view rule, std::int64_t& ms) {
    Quantity seconds;
    if (!read(value, seconds) || seconds < Quantity::units(minimum) || seconds > Quantity::units(kMaxSeconds)) {
      return option_fault(rule);
    }
    ms = static_cast<std::int64_t>(seconds.nanos() / (Quantity::kNanosPerUnit / kMsPerSecond));
    return true;
  }

  bool read_ttl(ondemand::value& value) {
    return read_seconds(value, 60, "must be a number of seconds, at least 60 and at most 31536000", policy_->ttl_ms);
  }

  bool read_stale(ondemand::value& value) {
    return read_seconds(value, 0, "must be a number of seconds, at least 0 and at most 31536000", policy_->stale_ms);
  }

  bool read_recheck(ondemand::value& value) {
    std::int64_t seconds = 0;
    if (!read(value, seconds) || seconds < 1 || seconds > kMaxRecheckSeconds) {
      return option_fault("must be a whole number of seconds, at least 1 and at most 3600");
    }
    policy_->recheck_ms = seconds * kMsPerSecond;
    return true;
  }

  bool read_quota(ondemand::value& value) {
    std::string_view text;
    if (!read(value, text) || (text != "exact" && text != "cached"))
      return option_fault("must be \"exact\" or \"cached\"");
    return text == "cached" || option_fault("needs leases, which this version does not have yet: use \"cached\"");
  }

  bool read_subject(ondemand::value& value) {
    std::string_view text;
    if (!read(value, text) || (text != "subscription" && text != "consumer")) {
      return option_fault("must be \"subscription\" or \"consumer\"");
    }
    policy_->subject = text == "consumer" ? Subject::consumer : Subject::subscription;
    return true;
  }

  bool read_when_undeliverable(ondemand::value& value) {
    std::string_view text;
    if (!read(value, text) || (text != "refuse" && text != "allow")) {
      return option_fault("must be \"refuse\" or \"allow\"");
    }
    policy_->serves_uncounted = text == "allow";
    return true;
  }

  bool read_merge(ondemand::value& value) {
    bool merges = true;
    if (!read(value, merges)) return option_fault("must be true or false");
    policy_->keeps_apart = !merges;
    return true;
  }

  bool read_quota_headers(ondemand::value& value) {
    return read(value, policy_->quota_headers) || option_fault("must be true or false");
  }

  bool read_upgrade_url(ondemand::value& value) {
    std::string_view text;
    if (!read(value, text) || text.size() > limits::kMaxUrl || has_control(text) ||
        !(text.starts_with("https://") || text.starts_with("http://"))) {
      return option_fault("must be an http or https URL of at most 512 bytes");
    }
    policy_->upgrade_url = configuration_.keep(text);
    return true;
  }

  NameTable& names_;
  Configuration& configuration_;
  TextBuffer& problem_;
  Policy* policy_ = nullptr;
  // For the sentence about a fault: the option, a member of it, the scalar that stands there.
  std::string_view option_;
  std::string_view member_;
  std::string_view value_;
};

}  // namespace

bool read_policies(Reader& reader, const char* text, std::size_t length, NameTable& names, Configuration& configuration,
                   TextBuffer& problem) {
  ondemand::document document;
  if (reader.open(text, length, document) != SUCCESS) {
    problem.append("the configuration is not valid JSON");
    return false;
  }
  if (!PolicyReader(names, configuration, problem).read_document(document)) return false;
  configuration.name_count = names.size();
  return true;
}

}  // namespace tollgate::json
