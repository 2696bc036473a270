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

std::uint64_t Reader::EndOf(std::size_t index) const {
  return index + 1 < pieces_.size() ? pieces_[index + 1].offset : info_.size;
}

base::Task<absl::Status> Reader::ReadPieces(std::uint64_t offset,
                                            base::MutableBytes into) {
  const auto behind = std::ranges::upper_bound(
      pieces_, offset, std::less<>(), [](const Piece& p) { return p.offset; });
  auto index = static_cast<std::size_t>(behind - pieces_.begin()) - 1;
  for (; !into.empty(); ++index) {
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

}  // namespace cairn::object
