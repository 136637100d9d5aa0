#pragma once

#include "invoice/audit.h"

#include <string>

namespace tollgate::cli {

/// An audit as the command prints it: for programs, and for people.
std::string audit_json(const invoice::Audit& audit);
std::string audit_text(const invoice::Audit& audit);

}  // namespace tollgate::cli
