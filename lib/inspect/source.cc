#include "inspect/source.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/status.h"

namespace cairn::inspect {

absl::Status Window::Fill(std::uint64_t offset, std::uint64_t size) {
  bytes_.resize(size);
  offset_ = offset;
  const absl::Status read = source_.Read(offset, bytes_);
  if (!read.ok()) bytes_.clear();
  return read;
}

absl::StatusOr<base::MutableBytes> Window::View(std::uint64_t offset,
                                                std::uint64_t size) {
  CAIRN_CHECK(offset <= source_.size() && size <= source_.size() - offset);
  if (offset < offset_ || offset + size > offset_ + bytes_.size()) {
    const std::uint64_t ahead =
        std::min(std::max(size, kAhead), source_.size() - offset);
    absl::Status read = Fill(offset, ahead);
    // One bad place must not hide its neighbours.
    if (!read.ok()) read = Fill(offset, size);
    CAIRN_RETURN_IF_ERROR(read);
  }
  return base::MutableBytes(bytes_).subspan(offset - offset_, size);
}

bool IsZero(base::Bytes bytes) {
  return std::ranges::all_of(
      bytes, [](std::byte byte) { return byte == std::byte{}; });
}

absl::StatusOr<std::uint64_t> UsedSize(const Source& source) {
  std::array<std::byte, base::kDirectAlignment> block;
  std::uint64_t end = source.size();
  while (end >= block.size() && end % block.size() == 0) {
    CAIRN_RETURN_IF_ERROR(source.Read(end - block.size(), block));
    if (!IsZero(block)) return end;
    end -= block.size();
  }
  return source.size();
}

absl::StatusOr<std::vector<std::byte>> ReadAll(const Source& source,
                                               std::uint64_t size_max) {
  if (source.size() > size_max) {
    return base::Error(ErrorCode::kCorrupt, "{} bytes, at most {} are read",
                       source.size(), size_max);
  }
  std::vector<std::byte> bytes(source.size());
  CAIRN_RETURN_IF_ERROR(source.Read(0, bytes));
  return bytes;
}

}  // namespace cairn::inspect
