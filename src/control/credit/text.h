#pragma once

#include "json/document.h"

#include <string>
#include <vector>

namespace tollgate::control {

/// How the credit of an invoice line came about, for people: one text for each of its sources, oldest first.
///
///     29.00 × (1 − 0.7 quota) = 8.70, of which 5.00 here
std::vector<std::string> credit_texts(json::Value line);

}  // namespace tollgate::control
