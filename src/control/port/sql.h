#pragma once

#include "base/quantity.h"
#include "calendar/instant.h"
#include "control/port/wire.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// The one thing that the control module asks of its host while it runs: perform a statement on the SQL database of
/// this object, now. Hosts implement it over SQLite; wasm/ABI.md gives the form of bindings and rows.
class SqlPort {
 public:
  virtual ~SqlPort() = default;
  /// `rows` receives the rows. False: the statement failed and `rows` says why; the host will roll back everything that
  /// this request did.
  virtual bool run(std::string_view statement, std::string_view bindings, std::string& rows) = 0;
};

/// A piece of SQL that several statements share, put together at compile time:
///
///     constexpr Fragment kSelect = "SELECT id, slug FROM meters ";
///     constexpr auto kFind = kSelect + "WHERE id = ?1 OR slug = ?1";
template <std::size_t kSize>
struct Fragment {
  char text[kSize] = {};

  constexpr Fragment() = default;
  constexpr Fragment(const char (&literal)[kSize]) { std::copy_n(literal, kSize, text); }

  template <std::size_t kOther>
  constexpr Fragment<kSize + kOther - 1> operator+(const char (&literal)[kOther]) const {
    Fragment<kSize + kOther - 1> sum;
    std::copy_n(text, kSize - 1, sum.text);
    std::copy_n(literal, kOther, sum.text + kSize - 1);
    return sum;
  }
  template <std::size_t kOther>
  constexpr Fragment<kSize + kOther - 1> operator+(const Fragment<kOther>& other) const {
    return *this + other.text;
  }
};

/// The text of a statement: always a constant, so that nothing of a request can get into it, and so that a host can
/// keep what it prepared under the constant's address.
class Statement {
 public:
  consteval Statement(const char* literal) : text_(literal) {}
  template <std::size_t kSize>
  consteval Statement(const Fragment<kSize>& constant) : text_(constant.text) {}
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// Bytes to bind as a BLOB.
struct Blob {
  std::string_view bytes;
};

/// Bindings under construction. Numbers are whole and within ±2^53, since they pass through JavaScript; quantities and
/// money are bound as decimal text, instants as milliseconds.
class Bindings {
 public:
  void add(std::nullptr_t);
  void add(std::nullopt_t) { add(nullptr); }
  void add(std::int64_t number);
  void add(int number) { add(static_cast<std::int64_t>(number)); }
  void add(bool truth) { add(static_cast<std::int64_t>(truth)); }
  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  void add(Blob blob);
  void add(Quantity quantity);
  void add(Instant at) { add(at.ms); }
  template <class T>
  void add(const std::optional<T>& value) {
    value ? add(*value) : add(nullptr);
  }

  std::string_view bytes() const { return bytes_; }

 private:
  void put(WireType type, std::string_view bytes);
  std::string bytes_;
};

class Row;

/// What a statement answered. Owns the bytes.
///
///     const Rows meters = sql.query("SELECT slug FROM meters WHERE event_type = ?", type);
///     for (Row row : meters) use(row.text(0));
class Rows {
 public:
  class Iterator {
   public:
    Iterator(const Rows* rows, std::size_t index) : rows_(rows), index_(index) {}
    Row operator*() const;
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const Rows* rows_;
    std::size_t index_;
  };

  Rows() = default;
  /// Takes over rows in the form of wasm/ABI.md. `valid()` is false if they are not in that form.
  explicit Rows(std::string bytes);

  bool valid() const { return valid_; }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  Row at(std::size_t index) const;
  /// The first row, or one without columns.
  Row first() const;
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size_}; }

 private:
  friend class Row;
  struct Cell {
    WireType type = WireType::null;
    std::int64_t number = 0;  ///< the number, or the offset of the bytes
    std::size_t length = 0;
  };
  bool read_cells();

  std::string bytes_;
  std::vector<Cell> cells_;
  std::size_t columns_ = 0;
  std::size_t size_ = 0;
  bool valid_ = true;
};

/// One row of a `Rows`, which must outlive it and stay where it is. Reading a column as a type that it does not have
/// gives that type's empty value, as does reading any column of the row that is not there: after a failed statement
/// there are no rows, and what a handler makes of them is thrown away.
class Row {
 public:
  Row() = default;
  Row(const Rows* rows, std::size_t first_cell) : rows_(rows), first_cell_(first_cell) {}

  bool is_null(std::size_t column) const;
  std::int64_t number(std::size_t column) const;
  bool truth(std::size_t column) const { return number(column) != 0; }
  Instant instant(std::size_t column) const { return {number(column)}; }
  std::optional<Instant> optional_instant(std::size_t column) const;
  /// The characters of a TEXT column or the bytes of a BLOB. Views into the `Rows`.
  std::string_view text(std::size_t column) const;
  std::optional<std::string> optional_text(std::size_t column) const;
  /// A decimal that was bound as a `Quantity`.
  Quantity quantity(std::size_t column) const;

 private:
  const Rows::Cell* cell(std::size_t column) const;
  const Rows* rows_ = nullptr;
  std::size_t first_cell_ = 0;
};

inline Row Rows::at(std::size_t index) const { return {this, index * columns_}; }
inline Row Rows::first() const { return at(0); }
inline Row Rows::Iterator::operator*() const { return rows_->at(index_); }

/// The database of one object, for the length of one request, which is one transaction. A failed statement is not
/// reported at each call: from then on every statement is skipped and answers no rows, `failed()` is true, the router
/// answers 500 and the host rolls back. So handlers read as if SQL could not fail, and still nothing is half applied.
///
///     sql.exec("INSERT INTO meters (id, slug) VALUES (?, ?)", id, slug);
class Sql {
 public:
  explicit Sql(SqlPort& port) : port_(port) {}
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;

  template <class... Values>
  Rows query(Statement statement, const Values&... values) {
    Bindings bindings;
    (bindings.add(values), ...);
    return run(statement, bindings);
  }
  template <class... Values>
  void exec(Statement statement, const Values&... values) {
    query(statement, values...);
  }
  /// For a list of bindings whose length only the caller knows.
  Rows run(Statement statement, const Bindings& bindings);

  bool failed() const { return failed_; }
  /// What the host said about the statement that failed: for logs, never for a caller.
  std::string_view error() const { return error_; }

 private:
  SqlPort& port_;
  bool failed_ = false;
  std::string error_;
};

}  // namespace tollgate::control
