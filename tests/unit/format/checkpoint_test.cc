// A catalogue reads back, and has the size that its encoder gives it.

#include "format/checkpoint.h"

#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"

namespace cairn::format {
namespace {

constexpr base::Uuid kDrive{.high = 1, .low = 2};

Catalogue SomeCatalogue() {
  return {.changed_by = 3,
          .checkpoint = {.sequence = 2, .next_offset = 4096},
          .epoch = 1,
          .members = {kDrive},
          .runs = {{.id = 5, .size = 8192}},
          .packs = {{.id = 6, .size = 4096, .tile_count = 1}}};
}

TEST(CheckpointTest, ACatalogueReadsBack) {
  const auto catalogue =
      DecodeCatalogue(Encode(SomeCatalogue(), kDrive), kDrive);
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  EXPECT_EQ(*catalogue, SomeCatalogue());
}

TEST(CheckpointTest, ACatalogueHasNoMoreZerosBehindItThanItsEncoderPuts) {
  const std::vector<std::byte> bytes = Encode(SomeCatalogue(), kDrive);
  for (const std::size_t size :
       {bytes.size() - 1, bytes.size() + 1, bytes.size() + 4096}) {
    std::vector<std::byte> other = bytes;
    other.resize(size);
    EXPECT_EQ(CodeOf(DecodeCatalogue(other, kDrive).status()),
              ErrorCode::kCorrupt)
        << size;
  }
}

}  // namespace
}  // namespace cairn::format
