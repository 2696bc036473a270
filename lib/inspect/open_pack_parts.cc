#include "inspect/open_pack_parts.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/status.h"
#include "format/blob_file.h"
#include "inspect/field.h"
#include "inspect/source.h"

namespace cairn::inspect {
namespace {

using format::kBlobFooterTailSize;

constexpr std::uint64_t kBlockSize = base::kDirectAlignment;
constexpr std::uint64_t kReadSize = 256 << 10;
constexpr std::string_view kMagic = "CBLB";

// The id in a tail that nothing vouches for.
format::BlobId IdIn(base::Bytes tail) {
  const auto number = [&](std::string_view field) {
    return NumberIn(kBlobTailFields, field, tail);
  };
  return {.epoch = static_cast<std::uint32_t>(number("blob_epoch")),
          .random = static_cast<std::uint32_t>(number("blob_random")),
          .counter = number("blob_counter")};
}

// Whether the tail is right but for its magic, which may be right as well.
bool IsRightButMagic(base::Bytes tail) {
  std::array<std::byte, kBlobFooterTailSize> bytes;
  std::ranges::copy(tail, bytes.begin());
  std::ranges::copy(base::AsBytes(kMagic), bytes.begin());
  return format::DecodeBlobFooterTail(bytes).ok();
}

class Search {
 public:
  explicit Search(const Subject& subject)
      : window_(subject.source),
        pack_(OpenPackOf(subject)),
        size_(OpenPackEnd(subject)) {}

  absl::StatusOr<std::vector<OpenPackPart>> Run();

 private:
  absl::StatusOr<base::Bytes> BlockBefore(std::uint64_t end);
  std::optional<Extent> SliceBefore(std::uint64_t end, base::Bytes block) const;
  void AddBlock(std::uint64_t offset, bool is_used);

  Window window_;
  std::optional<format::OpenPackId> pack_;
  std::uint64_t size_;
  std::vector<OpenPackPart> parts_;  // back to front
};

absl::StatusOr<std::vector<OpenPackPart>> Search::Run() {
  for (std::uint64_t end = size_; end > 0;) {
    CAIRN_ASSIGN_OR_RETURN(const base::Bytes block, BlockBefore(end));
    const bool is_used = !IsZero(block);
    const auto slice = is_used ? SliceBefore(end, block) : std::nullopt;
    if (slice.has_value()) {
      parts_.push_back({.extent = *slice, .is_slice = true});
    } else {
      AddBlock(end - kBlockSize, is_used);
    }
    end = parts_.back().extent.offset;
  }
  std::ranges::reverse(parts_);
  return std::move(parts_);
}

absl::StatusOr<base::Bytes> Search::BlockBefore(std::uint64_t end) {
  const std::uint64_t ahead = (end - 1) / kReadSize * kReadSize;
  base::IgnoreError(
      window_.View(ahead, std::min(kReadSize, size_ - ahead)).status(),
      "the block itself may be readable");
  return window_.View(end - kBlockSize, kBlockSize);
}

// A footer whose checksum holds is taken for that of a slice only where it says
// that the slice ends: it may be a caller's copy of some other file.
std::optional<Extent> Search::SliceBefore(std::uint64_t end,
                                          base::Bytes block) const {
  const base::Bytes tail = block.last(kBlobFooterTailSize);
  const bool is_right = IsRightButMagic(tail);
  if (!is_right && base::AsText(tail.first(kMagic.size())) != kMagic) {
    return std::nullopt;
  }
  const auto slice = format::SliceOf(IdIn(tail));
  const bool is_here = slice.has_value() && slice->end() == end;
  const bool is_ours = slice.has_value() && pack_ == slice->pack;
  if (is_here && (is_right || is_ours || !pack_.has_value())) {
    return Extent{slice->offset, slice->size};
  }
  if (!is_right) return Extent{end - kBlockSize, kBlockSize};
  if (!is_ours || slice->size > end) return std::nullopt;
  return Extent{end - slice->size, slice->size};  // written to a wrong place
}

void Search::AddBlock(std::uint64_t offset, bool is_used) {
  if (parts_.empty() || parts_.back().is_slice) {
    parts_.push_back({.extent = {offset + kBlockSize, 0}});
  }
  OpenPackPart& part = parts_.back();
  part.extent = {offset, part.extent.size + kBlockSize};
  part.used_count += is_used ? 1 : 0;
}

}  // namespace

std::optional<format::OpenPackId> OpenPackOf(const Subject& subject) {
  return format::OpenPackIdOf(subject.final_name());
}

std::uint64_t OpenPackEnd(const Subject& subject) {
  return std::min(subject.source.size(), format::kOpenPackSizeMax) /
         kBlockSize * kBlockSize;
}

absl::StatusOr<std::vector<OpenPackPart>> CutOpenPack(const Subject& subject) {
  return Search(subject).Run();
}

}  // namespace cairn::inspect
