// What lies in pieces of a blob.

#ifndef CAIRN_TESTS_SUPPORT_BLOB_PIECES_H_
#define CAIRN_TESTS_SUPPORT_BLOB_PIECES_H_

#include <string>

#include "base/bytes.h"
#include "storage/blob_store.h"

namespace cairn::support {

inline std::string TextOf(const storage::BlobPieces& pieces) {
  std::string text;
  for (const base::Bytes piece : pieces.pieces) {
    text += base::AsText(piece);
  }
  return text;
}

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_BLOB_PIECES_H_
