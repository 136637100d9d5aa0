// The C++ hosts of the rating row (P10): bench_rating FOLDER
//
// FOLDER is where hosts/cpp.mjs has put ratings.json. Prints a line for each series, fields separated by tabs: host,
// contender, what was measured, samples in nanoseconds per rating.

#include "billing/rating.h"

#include "host-bindings/wasmtime/rating_module.h"
#include "json/calculator.h"
#include "json/document.h"
#include "json/violations.h"
#include "tests/bench/cpp/give_up.h"

#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::bench {
namespace {

constexpr int kRounds = 11;
constexpr int kWarmUpPasses = 20;
constexpr int kPasses = 10;

struct Pair {
  std::size_t price = 0;
  std::string usage;
  std::string total;  ///< what it must come to
};

struct Ratings {
  std::vector<std::string> prices;
  std::vector<Pair> pairs;
};

Ratings read_ratings(const std::string& folder) {
  const std::string file = folder + "/ratings.json";
  std::ifstream in(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  json::Document document;
  if (!in || !document.parse(content).ok()) give_up("cannot read " + file);
  Ratings ratings;
  for (const json::Value price : document.root().member("prices")) ratings.prices.emplace_back(price.text());
  for (const json::Value pair : document.root().member("pairs")) {
    ratings.pairs.push_back({std::stoul(std::string(pair.member("price").text())),
                             std::string(pair.member("usage").text()), std::string(pair.member("total").text())});
  }
  if (ratings.pairs.empty()) give_up(file + " has no pairs");
  return ratings;
}

/// Somebody who rates: `total` for the check, `run` for the clock.
struct Rater {
  std::string host;
  std::string name;
  std::function<std::string(const Pair&)> total;
  std::function<void()> run;
  std::vector<double> samples = {};
};

/// The function that draws up invoices, with all its steps, and the text of the total.
Rater native_rater(const Ratings& ratings) {
  struct State {
    std::vector<json::CalculatedPrice> prices;
    const Ratings* ratings;
    std::size_t characters = 0;

    std::string total(const Pair& pair) const {
      const json::CalculatedPrice& price = prices[pair.price];
      const auto usage = Quantity::parse(pair.usage);
      const auto rating = billing::rate(price.price, price.discounts, *usage, price.currency);
      if (!rating.ok()) give_up("a pair cannot be rated");
      char text[money::Amount::kMaxText];
      return {text, rating->total.write(text)};
    }
  };
  auto state = std::make_shared<State>();
  state->ratings = &ratings;
  for (const std::string& question : ratings.prices) {
    auto price = json::read_calculated_price(question);
    if (!price.ok()) give_up("a price is refused: " + json::violations_text(price.error()));
    state->prices.push_back(std::move(*price));
  }
  return {"native", "rate", [state](const Pair& pair) { return state->total(pair); },
          [state] {
            for (const Pair& pair : state->ratings->pairs) state->characters += state->total(pair).size();
          }};
}

Rater wasmtime_rater(const Ratings& ratings, const std::string& build) {
  const auto make = host::WasmtimeRating::load("build/" + build + "/rating.wasm");
  if (!make.ok()) give_up(make.error());
  auto made = (*make)();
  if (!made.ok()) give_up(made.error());
  const std::shared_ptr<host::RatingInstance> instance = std::move(*made);
  auto handles = std::make_shared<std::vector<std::uint32_t>>();
  for (const std::string& question : ratings.prices) {
    const auto price = instance->price(question);
    if (!price.ok() || price->answer.refused) give_up("a price is refused");
    handles->push_back(price->handle);
  }
  const auto total = [instance, handles](const Pair& pair) {
    const auto answer = instance->total((*handles)[pair.price], pair.usage);
    if (!answer.ok()) give_up(answer.error().message);
    return answer->text;
  };
  return {"wasmtime", "total, " + build, total, [&ratings, total] {
            for (const Pair& pair : ratings.pairs) total(pair);
          }};
}

double time_passes(const Rater& rater, std::size_t pairs, int passes) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < passes; ++i) rater.run();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / (static_cast<double>(pairs) * passes);
}

void run(const std::string& folder) {
  const Ratings ratings = read_ratings(folder);
  std::vector<Rater> raters;
  raters.push_back(native_rater(ratings));
  for (const char* build : {"wasi", "emscripten"}) raters.push_back(wasmtime_rater(ratings, build));
  for (const Rater& rater : raters) {
    for (const Pair& pair : ratings.pairs) {
      if (const std::string got = rater.total(pair); got != pair.total) {
        give_up(rater.name + ": a usage of " + pair.usage + " comes to " + got + ", not " + pair.total);
      }
    }
    time_passes(rater, ratings.pairs.size(), kWarmUpPasses);
  }
  for (int round = 0; round < kRounds; ++round) {
    for (Rater& rater : raters) rater.samples.push_back(time_passes(rater, ratings.pairs.size(), kPasses));
  }
  for (const Rater& rater : raters) {
    std::cout << rater.host << '\t' << rater.name << "\trating";
    for (const double sample : rater.samples) std::cout << '\t' << sample;
    std::cout << '\n';
  }
}

}  // namespace
}  // namespace tollgate::bench

int main(int argc, char** argv) {
  if (argc != 2) tollgate::bench::give_up("usage: bench_rating FOLDER");
  tollgate::bench::run(argv[1]);
}
