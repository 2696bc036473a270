#include "format/open_pack.h"

#include "fmt/format.h"

#include "base/bytes.h"
#include "base/check.h"
#include "format/hex.h"

namespace cairn::format {
namespace {

constexpr int kPackShift = 32;
constexpr int kOffsetShift = 16;
constexpr std::uint64_t kInPack = std::uint64_t{1} << 63;
constexpr std::uint64_t kBlockMask = 0xffff;
constexpr std::uint64_t kPackMask = 0x7fffffff;

}  // namespace

BlobId IdOf(const Slice& slice) {
  const std::uint64_t offset = slice.offset / base::kDirectAlignment;
  const std::uint64_t blocks = slice.size / base::kDirectAlignment;
  CAIRN_CHECK(slice.pack.number <= kPackMask && offset <= kBlockMask);
  CAIRN_CHECK(blocks >= 1 && blocks - 1 <= kBlockMask);
  return {.epoch = slice.pack.epoch,
          .random = slice.pack.random,
          .counter = kInPack | std::uint64_t{slice.pack.number} << kPackShift |
                     offset << kOffsetShift | (blocks - 1)};
}

std::optional<Slice> SliceOf(const BlobId& id) {
  if ((id.counter & kInPack) == 0) return std::nullopt;
  const auto number =
      static_cast<std::uint32_t>(id.counter >> kPackShift & kPackMask);
  return Slice{
      .pack = {.epoch = id.epoch, .number = number, .random = id.random},
      .offset =
          (id.counter >> kOffsetShift & kBlockMask) * base::kDirectAlignment,
      .size = ((id.counter & kBlockMask) + 1) * base::kDirectAlignment};
}

std::string OpenPackPath(const OpenPackId& id) {
  return fmt::format("open_packs/{:08x}-{:08x}-{:08x}", id.epoch, id.number,
                     id.random);
}

std::optional<OpenPackId> OpenPackIdOf(std::string_view file_name) {
  constexpr std::size_t kNameSize = 26;
  if (file_name.size() != kNameSize || file_name[8] != '-' ||
      file_name[17] != '-') {
    return std::nullopt;
  }
  OpenPackId id;
  if (!GetHex(file_name.substr(0, 8), id.epoch) ||
      !GetHex(file_name.substr(9, 8), id.number) ||
      !GetHex(file_name.substr(18), id.random) || id.number > kPackMask) {
    return std::nullopt;
  }
  return id;
}

}  // namespace cairn::format
