#include "set/slice_file.h"

#include <algorithm>
#include <optional>

#include "fmt/format.h"

#include "base/check.h"
#include "drive/file_task.h"
#include "format/blob_file.h"

namespace cairn::set {

void SliceFile::Read(std::uint64_t offset, base::MutableBytes into,
                     drive::Done done) {
  file_->Read(slice_.offset + offset, into, std::move(done));
}

void SliceFile::Write(std::uint64_t offset, drive::Parts from,
                      drive::Done done) {
  CAIRN_CHECK(offset + from.size() <= slice_.size);
  file_->Write(slice_.offset + offset, from, std::move(done));
}

void SliceFile::WriteSynced(std::uint64_t offset, base::Bytes from,
                            drive::Done done) {
  CAIRN_CHECK(offset + from.size() <= slice_.size);
  file_->WriteSynced(slice_.offset + offset, from, std::move(done));
}

void SliceFile::Punch(std::uint64_t offset, std::uint64_t size,
                      drive::Done done) {
  CAIRN_CHECK(offset + size <= slice_.size);
  file_->Punch(slice_.offset + offset, size, std::move(done));
}

std::uint64_t SliceFile::size() const {
  const std::uint64_t size = file_->size();
  return std::min(slice_.size, size - std::min(size, slice_.offset));
}

base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> OpenShard(
    drive::Drive& drive, format::BlobId id) {
  const std::optional<format::Slice> slice = format::SliceOf(id);
  if (!slice.has_value()) {
    co_return co_await drive::Open(drive, format::BlobPath(id));
  }
  auto file = co_await drive::Open(drive, format::OpenPackPath(slice->pack));
  if (!file.ok()) co_return file.status();
  co_return std::make_unique<SliceFile>(*std::move(file), *slice);
}

std::string NameOfShard(const format::BlobId& id) {
  const std::optional<format::Slice> slice = format::SliceOf(id);
  if (!slice.has_value()) return format::BlobPath(id);
  return fmt::format("{} at {}", format::OpenPackPath(slice->pack),
                     slice->offset);
}

}  // namespace cairn::set
