#include "control/credit/text.h"

#include "base/quantity.h"

namespace tollgate::control {
namespace {

/// What is used up of the fee's period: the greater of time and quota.
std::string consumed_text(json::Value consumed) {
  const json::Value time = consumed.member("time");
  const json::Value quota = consumed.member("quota");
  if (quota.absent()) return std::string(time.text()) + " time";
  const auto of_time = Quantity::parse(time.text());
  const auto of_quota = Quantity::parse(quota.text());
  const bool is_quota = of_time.ok() && of_quota.ok() && *of_time < *of_quota;
  return is_quota ? std::string(quota.text()) + " quota" : std::string(time.text()) + " time";
}

std::string change_text(json::Value change, std::string_view granted) {
  std::string text;
  for (json::Value fee : change.member("fees")) {
    if (!text.empty()) text += " + ";
    text.append(fee.member("amount").text()).append(" × (1 − ");
    text.append(consumed_text(fee.member("consumed"))).append(")");
  }
  return text.append(" = ").append(granted);
}

std::string carried_text(json::Value carried, std::string_view granted) {
  return std::string("carried from ").append(carried.member("number").text()).append(": ").append(granted);
}

}  // namespace

std::vector<std::string> credit_texts(json::Value line) {
  std::vector<std::string> texts;
  for (json::Value source : line.member("sources")) {
    const std::string_view granted = source.member("granted").text();
    const std::string_view used = source.member("used").text();
    const json::Value change = source.member("change");
    texts.push_back(change.absent() ? carried_text(source.member("carried"), granted) : change_text(change, granted));
    if (used != granted) texts.back().append(", of which ").append(used).append(" here");
  }
  return texts;
}

}  // namespace tollgate::control
