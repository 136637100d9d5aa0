#pragma once

#include "catalog/metadata.h"
#include "control/http/context.h"

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

// The routes of S10 under `customers`.
Response create_customer(Context& context);
Response list_customers(Context& context);
Response get_customer(Context& context);
Response update_customer(Context& context);
/// Only while it has never had a subscription: invoices and usage keep naming it.
Response delete_customer(Context& context);

struct StoredCustomer {
  std::string id;
  std::string key;
  std::optional<std::string> primary_email;
  std::optional<std::string> currency;
  catalog::Metadata metadata;
};

std::optional<StoredCustomer> find_customer(Sql& sql, std::string_view id_or_key);
/// The id of the customer with this key.
std::optional<std::string> find_customer_by_key(Sql& sql, std::string_view key);

}  // namespace tollgate::control
