// cairn::ObjectReader on object::Reader.

#ifndef CAIRN_LIB_ENGINE_OBJECT_READER_H_
#define CAIRN_LIB_ENGINE_OBJECT_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "cairn/reader.h"
#include "drive/loop.h"
#include "object/reader.h"
#include "storage/blob_store.h"

namespace cairn::engine {

// Lifetime: the loop and what the reader reads from outlive it.
class BlockingReader : public ObjectReader {
 public:
  BlockingReader(drive::Loop& loop, std::unique_ptr<object::Reader> reader)
      : loop_(loop), reader_(std::move(reader)) {}

  const ObjectInfo& info() const override { return reader_->info(); }
  ByteSpan range() const override { return reader_->range(); }

  absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset,
                                     std::span<std::byte> into) override;
  absl::StatusOr<std::size_t> Read(std::span<std::byte> into) override;

 private:
  absl::StatusOr<base::Bytes> NextPiece();
  void Consume(std::size_t size);

  drive::Loop& loop_;
  const std::unique_ptr<object::Reader> reader_;

  // Of Read().
  storage::BlobPieces pieces_;  // none of them is empty
  std::size_t piece_ = 0;       // of them, the one that comes next
  std::size_t piece_used_ = 0;  // bytes of it that were given
};

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_OBJECT_READER_H_
