#include "object/reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status.h"
#include "object/commit.h"
#include "object/index_key.h"

namespace cairn::object {
namespace {

absl::Status Replaced() {
  return base::Error(ErrorCode::kConflict,
                     "the object was replaced or deleted while it was read");
}

}  // namespace

absl::Status BlobIsGone() {
  return base::Error(ErrorCode::kUnrecoverable,
                     "the record of an object names a blob that is gone");
}

Reader::Reader(const Environment& environment, ObjectInfo info, ByteSpan range,
               Content content)
    : environment_(environment),
      info_(std::move(info)),
      range_(range),
      in_memory_(std::move(content.in_memory)),
      pieces_(std::move(content.pieces)) {}

base::Task<absl::StatusOr<std::size_t>> Reader::ReadAt(
    std::uint64_t offset, base::MutableBytes into) {
  if (offset >= range_.size) co_return std::size_t{0};
  const auto size = static_cast<std::size_t>(
      std::min<std::uint64_t>(into.size(), range_.size - offset));
  into = into.first(size);
  if (pieces_.empty()) {
    std::ranges::copy(base::Bytes(in_memory_).subspan(offset, size),
                      into.begin());
    co_return size;
  }
  base::Task<absl::Status> read = ReadPieces(range_.offset + offset, into);
  CAIRN_CO_RETURN_IF_ERROR(co_await read);
  co_return size;
}

std::size_t Reader::IndexAt(std::uint64_t offset) const {
  const auto behind = std::ranges::upper_bound(
      pieces_, offset, std::less<>(), [](const Piece& p) { return p.offset; });
  return static_cast<std::size_t>(behind - pieces_.begin()) - 1;
}

std::uint64_t Reader::EndOf(std::size_t index) const {
  return index + 1 < pieces_.size() ? pieces_[index + 1].offset : info_.size;
}

base::Task<absl::Status> Reader::ReadPieces(std::uint64_t offset,
                                            base::MutableBytes into) {
  for (std::size_t index = IndexAt(offset); !into.empty(); ++index) {
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>(into.size(), EndOf(index) - offset));
    base::Task<absl::Status> read =
        ReadPiece(index, offset - pieces_[index].offset, into.first(size));
    CAIRN_CO_RETURN_IF_ERROR(co_await read);
    offset += size;
    into = into.subspan(size);
  }
  co_return absl::OkStatus();
}

storage::BlobRef Reader::BlobOf(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  return pieces_[index].blob;
}

base::Task<absl::Status> Reader::ReadPiece(std::size_t index,
                                           std::uint64_t offset,
                                           base::MutableBytes into) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    storage::BlobRef blob = BlobOf(index);
    base::Task<absl::Status> read =
        environment_.blobs.Read(kHome, blob, offset, into);
    const absl::Status status = co_await read;
    if (!absl::IsNotFound(status)) co_return status;
    base::Task<absl::Status> find = FindAgain(index, std::move(blob));
    CAIRN_CO_RETURN_IF_ERROR(co_await find);
  }
  co_return TooManyAttempts();
}

base::Task<absl::Status> Reader::FindAgain(std::size_t index,
                                           storage::BlobRef gone) {
  storage::ReadRequest request;
  request.keys.push_back(pieces_[index].record_key);
  base::Task<absl::StatusOr<storage::ReadResult>> read =
      environment_.meta.Read(kHome, std::move(request));
  CAIRN_CO_ASSIGN_OR_RETURN(const storage::ReadResult result, co_await read);
  const std::optional<storage::Record>& record = result.records[0];
  if (!record.has_value() || !record->blob.has_value()) co_return Replaced();
  if (record->blob->id != gone.id) co_return Replaced();
  if (record->blob->place == gone.place) co_return BlobIsGone();
  const std::lock_guard lock(mutex_);
  pieces_[index].blob = *record->blob;
  co_return absl::OkStatus();
}

void Reader::OpenStream() {
  const std::uint64_t offset = range_.offset + next_;
  const std::size_t index = IndexAt(offset);
  const std::uint64_t end = std::min(EndOf(index), range_.offset + range_.size);
  stream_ = environment_.blobs.Stream(
      kHome, BlobOf(index), offset - pieces_[index].offset, end - offset);
  stream_end_ = end - range_.offset;
}

base::Task<absl::StatusOr<storage::BlobPieces>> Reader::NextOfStream() {
  if (stream_ == nullptr) OpenStream();
  base::Task<absl::StatusOr<storage::BlobPieces>> next = stream_->Next();
  co_return co_await next;
}

// As ReadAt() does: it finds a blob that was moved, and asks all drives again.
base::Task<absl::StatusOr<storage::BlobPieces>> Reader::ReadWithoutStream() {
  stream_.reset();
  const auto size = static_cast<std::size_t>(
      std::min<std::uint64_t>(kPieceSizeMax, range_.size - next_));
  const auto bytes = std::make_shared<std::vector<std::byte>>(size);
  base::Task<absl::StatusOr<std::size_t>> read = ReadAt(next_, *bytes);
  CAIRN_CO_RETURN_IF_ERROR((co_await read).status());
  co_return storage::BlobPieces{.pieces = {*bytes}, .owner = bytes};
}

base::Task<absl::StatusOr<storage::BlobPieces>> Reader::Next() {
  if (next_ == range_.size) co_return storage::BlobPieces();
  if (pieces_.empty()) {
    next_ = range_.size;
    co_return storage::BlobPieces{.pieces = {in_memory_}};
  }
  base::Task<absl::StatusOr<storage::BlobPieces>> next = NextOfStream();
  absl::StatusOr<storage::BlobPieces> found = co_await next;
  if (!found.ok() || found->pieces.empty()) {
    base::Task<absl::StatusOr<storage::BlobPieces>> read = ReadWithoutStream();
    found = co_await read;
  }
  CAIRN_CO_RETURN_IF_ERROR(found.status());
  for (const base::Bytes piece : found->pieces) next_ += piece.size();
  if (next_ == stream_end_) stream_.reset();
  co_return found;
}

}  // namespace cairn::object
