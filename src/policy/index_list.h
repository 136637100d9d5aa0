#pragma once

#include "policy/index.h"

namespace tollgate {

/// Where an entry of a table stands in a list through the table's entries.
struct ListPlace {
  Index before = kNone;
  Index after = kNone;
  bool listed = false;
};

/// A list through the entries of a table, in order of arrival; `place_of(entry)` is the entry's place in this list, so
/// that one entry can stand in several. Taking an entry out is as cheap as putting it in.
template <class Table, auto kPlace>
class IndexList {
 public:
  bool empty() const { return first_ == kNone; }
  Index first() const { return first_; }

  /// Puts `at` at the end; nothing happens when it is in the list already.
  void push_back(Table& table, Index at) {
    ListPlace& place = table[at].*kPlace;
    if (place.listed) return;
    place = {last_, kNone, true};
    (last_ == kNone ? first_ : (table[last_].*kPlace).after) = at;
    last_ = at;
  }
  /// Takes `at` out; nothing happens when it is not in the list.
  void remove(Table& table, Index at) {
    ListPlace& place = table[at].*kPlace;
    if (!place.listed) return;
    (place.before == kNone ? first_ : (table[place.before].*kPlace).after) = place.after;
    (place.after == kNone ? last_ : (table[place.after].*kPlace).before) = place.before;
    place = {};
  }
  /// The entry that has been in it for the longest time, taken out; `kNone` when it is empty.
  Index pop_front(Table& table) {
    const Index at = first_;
    if (at != kNone) remove(table, at);
    return at;
  }

 private:
  Index first_ = kNone;
  Index last_ = kNone;
};

}  // namespace tollgate
