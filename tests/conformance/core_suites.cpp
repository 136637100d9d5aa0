#include "tests/conformance/core_suites.h"

#include "json/text.h"
#include "json/writer.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace tollgate::conformance {
namespace {

using host::RatingAnswer;
using host::RatingInstance;
using Answer = RatingInstance::Answer;

std::string where(json::Value value) { return "case \"" + std::string(value.member("name").text()) + "\""; }

/// An instant as the core writes it.
std::string canonical(Instant at) {
  char text[kInstantText];
  return {text, write_instant(at, text)};
}

/// A question with some members of the case, as they stand there.
std::string question_with(CaseReader& fields, std::initializer_list<std::string_view> needed,
                          std::initializer_list<std::string_view> other = {}) {
  json::Text text;
  json::Writer<json::Text> to(text);
  to.begin_object();
  for (const auto& names : {needed, other}) {
    for (std::string_view name : names) {
      const json::Value value = fields.any(name);
      if (!value.absent()) {
        to.key(name);
        json::write(to, value);
      }
    }
  }
  for (std::string_view name : needed) {
    if (!fields.has(name)) fields.mistake(name, "is missing");
  }
  to.end_object();
  return text.take();
}

/// Reads a case whose `expect` is `{"error": true}` or what `expected` reads.
template <class Question, class Expected>
CoreCase read_case(json::Value value, Mistakes& mistakes, Question question, Expected expected) {
  CaseReader fields(value, where(value), mistakes);
  CoreCase result;
  result.name = fields.text("name");
  fields.any("spec");
  question(fields, result);
  CaseReader expect(fields.object("expect"), fields.where() + " expect", mistakes);
  if (expect.has("error")) {
    if (!expect.truth("error")) expect.mistake("error", "must be true");
    result.expected = kAnError;
  } else {
    result.expected = expected(expect);
  }
  expect.refuse_others();
  fields.refuse_others();
  return result;
}

CoreCase read_pricing(json::Value value, Mistakes& mistakes) {
  return read_case(
      value, mistakes,
      [](CaseReader& fields, CoreCase& result) {
        const json::Value usage = fields.any("usage");
        if (!usage.is(json::Kind::string) && !usage.is(json::Kind::number))
          fields.mistake("usage", "must be a decimal");
        result.usage = std::string(usage.text());
        result.question = question_with(fields, {"price", "currency"}, {"discounts"});
      },
      [](CaseReader& expect) { return expect.text("total"); });
}

CoreCase read_proration(json::Value value, Mistakes& mistakes) {
  return read_case(
      value, mistakes,
      [](CaseReader& fields, CoreCase& result) {
        result.question = question_with(fields, {"fee", "from", "to", "at", "limit", "used", "currency"});
      },
      [](CaseReader& expect) { return expect.text("credit"); });
}

CoreCase read_period(json::Value value, Mistakes& mistakes) {
  return read_case(
      value, mistakes,
      [](CaseReader& fields, CoreCase& result) {
        result.question = question_with(fields, {"anchor", "cadence", "at"});
      },
      [](CaseReader& expect) {
        const std::string from = canonical(expect.instant("from"));
        return from + " to " + canonical(expect.instant("to"));
      });
}

CoreCase read_alignment(json::Value value, Mistakes& mistakes) {
  return read_case(
      value, mistakes,
      [](CaseReader& fields, CoreCase& result) { result.question = question_with(fields, {"plan", "rateCard"}); },
      [](CaseReader& expect) { return std::string(expect.truth("aligned") ? "aligned" : "not aligned"); });
}

std::string lifecycle_text(std::string_view status, bool access) {
  return std::string(status) + (access ? ", access" : ", no access");
}

CoreCase read_lifecycle(json::Value value, Mistakes& mistakes) {
  return read_case(
      value, mistakes,
      [](CaseReader& fields, CoreCase& result) {
        result.question = question_with(fields, {"activeFrom", "activeTo", "now"});
      },
      [](CaseReader& expect) {
        const std::string status = expect.text("status");
        return lifecycle_text(status, expect.truth("access"));
      });
}

Answer ask_pricing(RatingInstance& rating, const CoreCase& asked) {
  const auto price = rating.price(asked.question);
  if (!price.ok()) return fail(price.error());
  if (price->answer.refused) return price->answer;
  auto answer = rating.rate(price->handle, asked.usage);
  if (const auto forgotten = rating.forget(price->handle); !forgotten.ok()) return fail(forgotten.error());
  return answer;
}

/// A suite whose questions are asked as they are.
template <Answer (RatingInstance::*question)(std::string_view)>
Answer ask(RatingInstance& rating, const CoreCase& asked) {
  return (rating.*question)(asked.question);
}

std::string member(json::Value answer, std::string_view name) { return std::string(answer.member(name).text()); }

constexpr CoreSuite kSuites[] = {
    {"pricing", read_pricing, ask_pricing, [](json::Value answer) { return member(answer, "total"); }},
    {"proration", read_proration, ask<&RatingInstance::prorate>,
     [](json::Value answer) { return member(answer, "credit"); }},
    {"periods", read_period, ask<&RatingInstance::period>,
     [](json::Value answer) { return member(answer, "from") + " to " + member(answer, "to"); }},
    {"alignment", read_alignment, ask<&RatingInstance::alignment>,
     [](json::Value answer) { return std::string(answer.member("aligned").truth() ? "aligned" : "not aligned"); }},
    {"lifecycle", read_lifecycle, ask<&RatingInstance::status>,
     [](json::Value answer) { return lifecycle_text(member(answer, "status"), answer.member("access").truth()); }},
};

std::string got(const CoreSuite& suite, const Answer& answer) {
  if (!answer.ok()) return "a trap: " + answer.error().message;
  if (answer->refused) return kAnError;
  json::Document document;
  if (!document.parse(answer->text).ok()) return "an answer that is no JSON: " + answer->text;
  return suite.essence(document.root());
}

}  // namespace

const CoreSuite* find_core_suite(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kSuites), std::end(kSuites), [&](const CoreSuite& suite) { return suite.name == name; });
  return found != std::end(kSuites) ? found : nullptr;
}

CoreAnswer play(const CoreSuite& suite, const CoreCase& asked, std::size_t index, RatingInstance& rating) {
  const Answer answer = suite.ask(rating, asked);
  CoreAnswer result;
  if (const std::string text = got(suite, answer); text != asked.expected) {
    result.verdict = Difference{asked.expected, text};
  }
  if (answer.ok()) {
    result.transcript = std::string(suite.name) + "/" + std::to_string(index) +
                        (answer->refused ? "\trefused\t" : "\tanswered\t") + answer->text + "\n";
  }
  return result;
}

}  // namespace tollgate::conformance
