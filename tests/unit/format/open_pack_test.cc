// Places of blobs in open packs, and the names of their files.

#include "gtest/gtest.h"

#include "format/open_pack.h"

namespace cairn::format {
namespace {

constexpr OpenPackId kPack{.epoch = 3, .number = 0x7ffffffe, .random = 9};

TEST(OpenPackTest, AnIdIsThePlaceOfASlice) {
  for (const std::uint64_t offset : {0u, 4096u, 255u << 20}) {
    for (const std::uint64_t size : {4096u, 69632u, 1u << 20, 256u << 20}) {
      const Slice slice{.pack = kPack, .offset = offset, .size = size};
      EXPECT_EQ(SliceOf(IdOf(slice)), slice);
    }
  }
}

TEST(OpenPackTest, OtherIdsAreOfNoSlice) {
  EXPECT_EQ(SliceOf({.epoch = 1, .random = 2, .counter = 3}), std::nullopt);
  EXPECT_EQ(SliceOf({.counter = ~std::uint64_t{0} >> 1}), std::nullopt);
}

TEST(OpenPackTest, IdsOfOnePackAreNeighboursInTheOrderOfTheirPlaces) {
  const OpenPackId next{
      .epoch = kPack.epoch, .number = kPack.number + 1, .random = 9};
  const auto counter = [](const OpenPackId& pack, std::uint64_t offset,
                          std::uint64_t size) {
    return IdOf({.pack = pack, .offset = offset, .size = size}).counter;
  };
  EXPECT_LT(counter(kPack, 0, 256u << 20), counter(kPack, 4096, 4096));
  EXPECT_LT(counter(kPack, 255u << 20, 1u << 20), counter(next, 0, 4096));
}

TEST(OpenPackTest, NamesComeBack) {
  EXPECT_EQ(OpenPackPath(kPack), "open_packs/00000003-7ffffffe-00000009");
  EXPECT_EQ(OpenPackIdOf("00000003-7ffffffe-00000009"), kPack);
  for (const char* name :
       {"", "00000003-7ffffffe-0000000", "00000003-7ffffffe-00000009.new",
        "00000003-fffffffe-00000009", "00000003-7FFFFFFE-00000009",
        "00000003_7ffffffe-00000009", "0000000x-7ffffffe-00000009"}) {
    EXPECT_EQ(OpenPackIdOf(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace cairn::format
