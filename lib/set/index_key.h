// Keys of a set's index: the first byte tells what an entry is.

#ifndef CAIRN_LIB_SET_INDEX_KEY_H_
#define CAIRN_LIB_SET_INDEX_KEY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/blob_id.h"
#include "format/open_pack.h"

namespace cairn::set {

inline std::string RecordKey(std::string_view key) {
  std::string index_key = "r";
  return index_key.append(key);
}

inline std::string CounterKey(std::string_view key) {
  std::string index_key = "c";
  return index_key.append(key);
}

// Where the files of a blob are that a record names.
inline constexpr char kBlobKey = 'b';
// Nobody names the blob any more; its files are to be removed.
inline constexpr char kFreedKey = 'g';
// Shards of the blob that are to be healed.
inline constexpr char kHealKey = 'h';

// The key of kind `kind` of a blob: blobs are in the order of their ids.
std::string KeyOfBlob(char kind, const format::BlobId& id);

// What the keys of kind `kind` of an open pack's blobs begin with. They are in
// the order of their places.
std::string PrefixOfPack(char kind, const format::OpenPackId& pack);

// The blob that a key of any of the three kinds speaks of.
std::optional<format::BlobId> BlobOfKey(std::string_view index_key);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_INDEX_KEY_H_
