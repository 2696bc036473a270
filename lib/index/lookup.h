// What is asked of the index for one key, and what it answers.

#ifndef CAIRN_LIB_INDEX_LOOKUP_H_
#define CAIRN_LIB_INDEX_LOOKUP_H_

#include <cstdint>
#include <string_view>

#include "format/run_filter.h"
#include "format/run_record.h"
#include "index/block_cache.h"

namespace cairn::index {

// A key with its hash, made once for all runs of a deployment. Borrows the key.
struct Probe {
  std::string_view key;
  std::uint64_t hash = 0;  // format::FilterHash()
};

enum class Presence { kAbsent, kPut, kTombstone };

// The newest record of a key. Its texts are valid as long as `block` is held;
// those from an overlay, which have no block, as long as the overlay is.
struct Found {
  Presence presence = Presence::kAbsent;
  std::uint64_t sequence = 0;
  std::string_view value;
  std::string_view trailer;
  BlockHandle block;

  bool is_absent() const { return presence == Presence::kAbsent; }
};

inline Presence PresenceOf(format::RecordKind kind) {
  return kind == format::RecordKind::kPut ? Presence::kPut
                                          : Presence::kTombstone;
}

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_LOOKUP_H_
