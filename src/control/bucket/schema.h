#pragma once

#include "control/port/schema.h"

#include <span>

namespace tollgate::control {

/// The database of a bucket. Instants are milliseconds, decimals are text, definitions of the catalog are the JSON that
/// `src/json` writes; keys are there as digests only (S6.2, S6.3).
std::span<const Migration> bucket_migrations();

}  // namespace tollgate::control
