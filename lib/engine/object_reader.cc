#include "engine/object_reader.h"

namespace cairn::engine {

absl::StatusOr<std::size_t> BlockingReader::ReadAt(std::uint64_t offset,
                                                   std::span<std::byte> into) {
  return loop_.Await(reader_->ReadAt(offset, into));
}

absl::StatusOr<std::size_t> BlockingReader::Read(std::span<std::byte> into) {
  absl::StatusOr<std::size_t> size = ReadAt(position_, into);
  if (size.ok()) position_ += *size;
  return size;
}

}  // namespace cairn::engine
