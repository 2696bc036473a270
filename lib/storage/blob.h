// Names of blobs, as records keep them.

#ifndef CAIRN_LIB_STORAGE_BLOB_H_
#define CAIRN_LIB_STORAGE_BLOB_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "format/blob_id.h"

namespace cairn::storage {

using format::BlobId;

// A blob as a record refers to it. `place` is the store's own, of at most
// kPlaceSizeMax bytes: keep it with the record and hand it back unchanged.
struct BlobRef {
  BlobId id;
  std::uint64_t size = 0;  // bytes
  std::string place;

  friend bool operator==(const BlobRef&, const BlobRef&) = default;
};

inline constexpr std::size_t kPlaceSizeMax = 64;

}  // namespace cairn::storage

#endif  // CAIRN_LIB_STORAGE_BLOB_H_
