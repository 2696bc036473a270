// Varints round-trip at every length, and nothing but what PutVarint() writes
// is read.

#include <array>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

#include "format/varint.h"
#include "support/figures.h"
#include "support/sim_loop.h"

namespace cairn::format {
namespace {

std::vector<std::byte> Encoded(std::uint64_t value) {
  std::array<std::byte, kVarintSizeMax> bytes{};
  const std::byte* end = PutVarint(bytes.data(), value);
  return {bytes.data(), bytes.data() + (end - bytes.data())};
}

bool Reads(const std::vector<std::byte>& bytes, std::uint64_t& value) {
  const std::byte* end = bytes.data() + bytes.size();
  return GetVarint(bytes.data(), end, value) == end;
}

std::vector<std::uint64_t> ValuesAtEveryLength() {
  std::vector<std::uint64_t> values = {0, ~std::uint64_t{0}};
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    values.insert(values.end(), {power - 1, power, power + 1});
  }
  return values;
}

TEST(RunVarintTest, ReadsBackWhatItWrote) {
  for (const std::uint64_t value : ValuesAtEveryLength()) {
    const std::vector<std::byte> bytes = Encoded(value);
    EXPECT_EQ(bytes.size(), VarintSize(value)) << value;
    std::uint64_t read = 0;
    ASSERT_TRUE(Reads(bytes, read)) << value;
    EXPECT_EQ(read, value);
  }
}

TEST(RunVarintTest, RefusesWhatIsCutShort) {
  for (const std::uint64_t value : ValuesAtEveryLength()) {
    std::vector<std::byte> bytes = Encoded(value);
    while (!bytes.empty()) {
      bytes.pop_back();
      std::uint64_t read = 0;
      EXPECT_EQ(GetVarint(bytes.data(), bytes.data() + bytes.size(), read),
                nullptr);
    }
  }
}

TEST(RunVarintTest, AcceptsOnlyTheShortestFormOfANumber) {
  support::SeededRandom random(support::TestSeed(1));
  for (int i = 0; i < 200000; ++i) {
    std::vector<std::byte> bytes(1 + random.Choose(11));
    for (std::byte& byte : bytes) {
      byte = static_cast<std::byte>(random.Choose(3) == 0 ? random.Choose(2)
                                                          : random.Next());
    }
    std::uint64_t read = 0;
    const std::byte* end =
        GetVarint(bytes.data(), bytes.data() + bytes.size(), read);
    if (end == nullptr) continue;
    bytes.resize(static_cast<std::size_t>(end - bytes.data()));
    EXPECT_EQ(bytes, Encoded(read));
  }
}

}  // namespace
}  // namespace cairn::format
