#pragma once

#include <string>

namespace tollgate::invoice {

/// An amount or a quantity as it is written.
template <class Number>
std::string text_of(const Number& number) {
  char text[Number::kMaxText];
  return {text, number.write(text)};
}

}  // namespace tollgate::invoice
