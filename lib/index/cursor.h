// Going over records in the order of their keys, wherever they lie.

#ifndef CAIRN_LIB_INDEX_CURSOR_H_
#define CAIRN_LIB_INDEX_CURSOR_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

#include "base/task.h"
#include "format/run_record.h"

namespace cairn::index {

using format::KeyRange;
using format::RecordKind;

// A record as the index gives it out. The texts are borrowed.
struct Record {
  std::string_view key;
  std::uint64_t sequence = 0;
  RecordKind kind = RecordKind::kPut;
  std::string_view value;    // empty in a tombstone
  std::string_view trailer;  // empty in a run

  bool is_tombstone() const { return kind == RecordKind::kTombstone; }
  friend bool operator==(const Record&, const Record&) = default;
};

// Gives out at most one record for each key, tombstones too, in the order of
// the keys. Most steps need no I/O and are plain calls; where a block has to be
// read first, the cursor says so:
//
//   cursor.Seek(from);
//   while (true) {
//     while (cursor.state() == Cursor::State::kLoad) {
//       base::Task<absl::Status> load = cursor.Load();
//       CAIRN_CO_RETURN_IF_ERROR(co_await load);
//     }
//     if (cursor.state() == Cursor::State::kEnd) break;
//     Use(cursor.record());
//     cursor.Next();
//   }
//
// Thread safety: one thread at a time, and not while Load() runs.
class Cursor {
 public:
  enum class State {
    kEnd,     // no record is left; the state of a new cursor
    kRecord,  // record() is one
    kLoad,    // Load() comes first
  };

  virtual ~Cursor() = default;

  // Moves to the first record whose key is >= `key`.
  virtual void Seek(std::string_view key) = 0;

  // Moves to the next record. Precondition: kRecord.
  virtual void Next() = 0;

  // Reads what is needed. Afterwards the state may again be kLoad.
  //
  // On error: the state is kLoad still; it may be tried again.
  // Precondition: kLoad.
  virtual base::Task<absl::Status> Load() = 0;

  virtual State state() const = 0;

  // Valid until the cursor moves. Precondition: kRecord.
  virtual Record record() const = 0;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_CURSOR_H_
