#include "control/port/sql.h"

namespace tollgate::control {
namespace {

constexpr std::int64_t kLargestNumber = std::int64_t{1} << 53;

}  // namespace

void Bindings::put(WireType type, std::string_view bytes) {
  WireWriter wire;
  wire.type(type);
  wire.text(bytes);
  bytes_ += wire.view();
}

void Bindings::add(std::nullptr_t) { bytes_.push_back(static_cast<char>(WireType::null)); }

void Bindings::add(std::int64_t number) {
  TOLLGATE_ASSERT(number <= kLargestNumber && number >= -kLargestNumber);
  WireWriter wire;
  wire.type(WireType::number);
  wire.real(static_cast<double>(number));
  bytes_ += wire.view();
}

void Bindings::add(std::string_view text) { put(WireType::text, text); }

void Bindings::add(Blob blob) { put(WireType::blob, blob.bytes); }

void Bindings::add(Quantity quantity) {
  char text[Quantity::kMaxText];
  add(std::string_view(text, quantity.write(text)));
}

bool Row::is_null(std::size_t column) const {
  const Rows::Cell* cell = this->cell(column);
  return cell == nullptr || cell->type == WireType::null;
}

std::int64_t Row::number(std::size_t column) const {
  const Rows::Cell* cell = this->cell(column);
  return cell != nullptr && cell->type == WireType::number ? cell->number : 0;
}

std::optional<std::string> Row::optional_text(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return std::string(text(column));
}

std::optional<Instant> Row::optional_instant(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return instant(column);
}

std::string_view Row::text(std::size_t column) const {
  const Rows::Cell* cell = this->cell(column);
  if (cell == nullptr || (cell->type != WireType::text && cell->type != WireType::blob)) return {};
  return std::string_view(rows_->bytes_).substr(static_cast<std::size_t>(cell->number), cell->length);
}

Quantity Row::quantity(std::size_t column) const {
  const auto quantity = Quantity::parse(text(column));
  return quantity.ok() ? *quantity : Quantity();
}

const Rows::Cell* Row::cell(std::size_t column) const {
  if (rows_ == nullptr || column >= rows_->columns_) return nullptr;
  return first_cell_ + column < rows_->cells_.size() ? &rows_->cells_[first_cell_ + column] : nullptr;
}

Rows::Rows(std::string bytes) : bytes_(std::move(bytes)), valid_(read_cells()) {
  if (!valid_) cells_.clear(), size_ = 0, columns_ = 0;
}

bool Rows::read_cells() {
  WireReader wire(bytes_);
  columns_ = wire.word();
  while (wire.ok() && !wire.at_end()) {
    Cell cell;
    const WireType type = wire.type();
    if (type == WireType::number) {
      const double number = wire.real();
      if (!(number >= -static_cast<double>(kLargestNumber) && number <= static_cast<double>(kLargestNumber)))
        return false;
      cell = {WireType::number, static_cast<std::int64_t>(number), 0};
      if (static_cast<double>(cell.number) != number) return false;
    } else if (type == WireType::text || type == WireType::blob) {
      const std::size_t length = wire.text().size();
      cell = {type, static_cast<std::int64_t>(wire.position() - length), length};
    } else if (type != WireType::null) {
      return false;
    }
    cells_.push_back(cell);
  }
  if (!wire.ok() || (columns_ == 0 ? !cells_.empty() : cells_.size() % columns_ != 0)) return false;
  size_ = columns_ == 0 ? 0 : cells_.size() / columns_;
  return true;
}

Rows Sql::run(Statement statement, const Bindings& bindings) {
  if (failed_) return {};
  std::string bytes;
  if (!port_.run(statement.text(), bindings.bytes(), bytes)) {
    failed_ = true;
    error_ = std::move(bytes);
    return {};
  }
  Rows rows(std::move(bytes));
  if (!rows.valid()) {
    failed_ = true;
    error_ = "the host's rows are not in the form of the ABI";
    return {};
  }
  return rows;
}

}  // namespace tollgate::control
