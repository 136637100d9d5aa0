#pragma once

#include "payment/provider.h"

namespace tollgate::payment {

/// No provider: invoices are sent and collected outside of this system, and an operator says what became of them
/// (`mark-paid`, `mark-failed`).
const Provider& manual();

}  // namespace tollgate::payment
