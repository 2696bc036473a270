// Codec restores every loss it promises to restore, and refuses every other
// one. Small geometries are checked exhaustively: each subset of lost shards is
// one case, so no pattern depends on the luck of a random draw.

#include "erasure/codec.h"

#include <bit>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"

namespace cairn::erasure {
namespace {

constexpr std::size_t kShardSize = 61;  // Odd: exercises ISA-L's tail loop.

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

struct Stripe {
  explicit Stripe(Geometry geometry)
      : bytes(Index(geometry.total_shards()),
              std::vector<std::byte>(kShardSize)) {
    std::uint32_t state = 1;
    for (auto& shard : bytes) {
      for (std::byte& b : shard) {
        state = state * 1664525u + 1013904223u;
        b = static_cast<std::byte>(state >> 24);
      }
      shards.emplace_back(shard);
    }
  }
  std::vector<std::vector<std::byte>> bytes;
  std::vector<Shard> shards;
};

class CodecTest : public testing::TestWithParam<Geometry> {};

void CheckLoss(const Codec& codec, const Stripe& original, std::uint32_t lost) {
  const Geometry geometry = codec.geometry();
  Stripe damaged(geometry);
  std::vector<bool> present;
  for (std::size_t i = 0; i < original.bytes.size(); ++i) {
    present.push_back((lost >> i & 1u) == 0);
    damaged.bytes[i] =
        present[i] ? original.bytes[i] : std::vector<std::byte>(kShardSize);
    damaged.shards[i] = damaged.bytes[i];
  }
  const absl::Status status = codec.Reconstruct(damaged.shards, present);
  if (std::popcount(lost) <= geometry.parity_shards) {
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(damaged.bytes, original.bytes);
  } else {
    EXPECT_EQ(CodeOf(status), ErrorCode::kUnrecoverable);
  }
}

TEST_P(CodecTest, RestoresEveryLossUpToParityAndRefusesTheRest) {
  const Codec codec = *Codec::Create(GetParam());
  Stripe original(GetParam());
  codec.Encode(original.shards);
  for (std::uint32_t lost = 0; lost < 1u << GetParam().total_shards(); ++lost) {
    SCOPED_TRACE(testing::Message() << "lost shards, mask " << lost);
    CheckLoss(codec, original, lost);
  }
}

INSTANTIATE_TEST_SUITE_P(Geometries, CodecTest,
                         testing::Values(Geometry{1, 0}, Geometry{1, 1},
                                         Geometry{2, 1}, Geometry{2, 2},
                                         Geometry{4, 2}, Geometry{8, 4}));

TEST(CodecCreateTest, RestoresTheLargestGeometry) {
  const Geometry geometry{.data_shards = 16, .parity_shards = 4};
  const Codec codec = *Codec::Create(geometry);
  Stripe original(geometry);
  codec.Encode(original.shards);
  for (int first = 0; first < 20; ++first) {
    for (int second = 0; second < first; ++second) {
      CheckLoss(codec, original,
                1u << first | 1u << second | 1u << (first + 7) % 20 |
                    1u << (second + 11) % 20);
    }
  }
}

TEST(CodecCreateTest, AStripeOfNoBytesIsNoSpecialCase) {
  const Codec codec = *Codec::Create({.data_shards = 2, .parity_shards = 1});
  const std::vector<Shard> shards(3);
  codec.Encode(shards);
  EXPECT_TRUE(codec.Reconstruct(shards, {true, false, true}).ok());
}

TEST(CodecCreateTest, RefusesWhatIsNoGeometry) {
  for (const Geometry geometry :
       {Geometry{0, 0}, Geometry{17, 1}, Geometry{4, 5}, Geometry{4, -1}}) {
    EXPECT_EQ(CodeOf(Codec::Create(geometry).status()),
              ErrorCode::kInvalidGeometry);
  }
}

}  // namespace
}  // namespace cairn::erasure
