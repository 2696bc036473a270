// Codec restores every loss it promises to restore, and refuses every other
// one. All geometries are checked exhaustively: each subset of lost shards is
// one case, so no pattern depends on the luck of a random draw. (Of subsets
// larger than parity, those by one shard; of small geometries, all.)

#include "erasure/codec.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"

namespace cairn::erasure {
namespace {

constexpr std::size_t kShardSize = 61;  // Odd: exercises the ends of kernels.
constexpr std::byte kUntouched{0xee};

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

bool Has(ShardMask mask, std::size_t i) { return (mask >> i & 1u) != 0; }

ShardMask AllOf(const Geometry& geometry) {
  return (ShardMask{1} << geometry.total_shards()) - 1;
}

struct Stripe {
  Stripe(Geometry geometry, std::size_t size)
      : bytes(Index(geometry.total_shards()), std::vector<std::byte>(size)) {
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

Stripe Encoded(const Codec& codec, std::size_t size = kShardSize) {
  Stripe stripe(codec.geometry(), size);
  codec.Encode(stripe.shards);
  return stripe;
}

// `original` without the shards of `lost`, in whose place there are others.
struct Damaged {
  Damaged(const Stripe& original, ShardMask lost)
      : bytes(original.bytes), shards(bytes.begin(), bytes.end()) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (Has(lost, i)) bytes[i].assign(bytes[i].size(), kUntouched);
    }
  }
  std::vector<std::vector<std::byte>> bytes;
  std::vector<Shard> shards;
};

void CheckRestored(const Codec& codec, const Stripe& original, ShardMask lost) {
  Damaged damaged(original, lost);
  std::vector<bool> present;
  for (std::size_t i = 0; i < damaged.bytes.size(); ++i) {
    present.push_back(!Has(lost, i));
  }
  const absl::Status status = codec.Reconstruct(damaged.shards, present);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(damaged.bytes, original.bytes);
}

// Only one of the lost shards is asked for; the others have no buffers.
void CheckOneRestored(const Codec& codec, const Stripe& original,
                      ShardMask lost, std::size_t wanted) {
  Damaged damaged(original, lost);
  for (std::size_t i = 0; i < damaged.shards.size(); ++i) {
    if (Has(lost, i) && i != wanted) damaged.shards[i] = {};
  }
  const absl::Status status = codec.ReconstructWanted(
      damaged.shards, {.present = AllOf(codec.geometry()) & ~lost,
                       .wanted = ShardMask{1} << wanted});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(damaged.bytes[wanted], original.bytes[wanted]);
  Damaged others(original, lost);
  others.bytes[wanted] = original.bytes[wanted];
  EXPECT_EQ(damaged.bytes, others.bytes);
}

void CheckRefused(const Codec& codec, const Stripe& original, ShardMask lost) {
  Damaged damaged(original, lost);
  const absl::Status status = codec.ReconstructWanted(
      damaged.shards,
      {.present = AllOf(codec.geometry()) & ~lost, .wanted = lost});
  EXPECT_EQ(CodeOf(status), ErrorCode::kUnrecoverable);
  EXPECT_EQ(damaged.bytes, Damaged(original, lost).bytes);
}

void CheckLoss(const Codec& codec, const Stripe& original, ShardMask lost) {
  SCOPED_TRACE(testing::Message() << "lost shards, mask " << lost);
  if (std::popcount(lost) > codec.geometry().parity_shards) {
    return CheckRefused(codec, original, lost);
  }
  CheckRestored(codec, original, lost);
  for (std::size_t i = 0; i < original.bytes.size(); ++i) {
    if (Has(lost, i)) CheckOneRestored(codec, original, lost, i);
  }
}

std::vector<Geometry> AllGeometries() {
  std::vector<Geometry> geometries;
  for (int data = 1; data <= 16; ++data) {
    for (int parity = 0; parity <= 4; ++parity) {
      if (parity > data && data > 1) continue;
      geometries.push_back({.data_shards = data, .parity_shards = parity});
    }
  }
  return geometries;
}

std::string NameOfGeometry(const Geometry& geometry) {
  return std::to_string(geometry.data_shards) + "_" +
         std::to_string(geometry.parity_shards);
}

class CodecTest : public testing::TestWithParam<Geometry> {};

TEST_P(CodecTest, RestoresEveryLossUpToParityAndRefusesTheRest) {
  const Codec codec = *Codec::Create(GetParam());
  const Stripe original = Encoded(codec);
  const bool is_small = GetParam().total_shards() <= 10;
  for (ShardMask lost = 0; lost <= AllOf(GetParam()); ++lost) {
    if (!is_small && std::popcount(lost) > GetParam().parity_shards + 1) {
      continue;
    }
    CheckLoss(codec, original, lost);
    if (HasFailure()) break;
  }
}

TEST_P(CodecTest, EncodesAndRestoresEverySize) {
  const Codec codec = *Codec::Create(GetParam());
  const ShardMask lost = AllOf(GetParam()) >> GetParam().data_shards;
  for (std::size_t size = 0; size <= 140; ++size) {
    SCOPED_TRACE(testing::Message() << size << " bytes");
    CheckRestored(codec, Encoded(codec, size), lost);
  }
  CheckRestored(codec, Encoded(codec, 100'003), lost);
}

// The product in the field of polynomial 0x11d, by its definition.
unsigned Product(unsigned a, unsigned b) {
  unsigned product = 0;
  for (int bit = 7; bit >= 0; --bit) {
    product <<= 1;
    if ((product & 0x100) != 0) product ^= 0x11d;
    if ((a >> bit & 1) != 0) product ^= b;
  }
  return product;
}

// Parity is on users' drives. If this test fails, the code is wrong, not the
// test: with another matrix nothing that was stored can be restored.
TEST_P(CodecTest, TheMatrixNeverChanges) {
  const int k = GetParam().data_shards;
  const Codec codec = *Codec::Create(GetParam());
  Stripe unit(GetParam(), Index(k));
  for (int j = 0; j < k; ++j) {
    unit.bytes[Index(j)].assign(Index(k), std::byte{0});
    unit.bytes[Index(j)][Index(j)] = std::byte{1};
  }
  codec.Encode(unit.shards);
  for (int i = k; i < GetParam().total_shards(); ++i) {
    for (int j = 0; j < k; ++j) {
      const auto coefficient =
          std::to_integer<unsigned>(unit.bytes[Index(i)][Index(j)]);
      const auto inverse = static_cast<unsigned>(k == 1 ? 1 : i ^ j);
      EXPECT_EQ(Product(coefficient, inverse), 1u) << i << ", " << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Geometries, CodecTest,
                         testing::ValuesIn(AllGeometries()),
                         [](const auto& instance) {
                           return NameOfGeometry(instance.param);
                         });

TEST(CodecEdgeTest, ShardsOfAnyAlignmentAreEncodedAlike) {
  const Geometry geometry{.data_shards = 4, .parity_shards = 2};
  const Codec codec = *Codec::Create(geometry);
  const Stripe original = Encoded(codec, 300);
  for (std::size_t skew = 0; skew < 64; ++skew) {
    std::vector<std::vector<std::byte>> buffers(6);
    std::vector<Shard> shards;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      buffers[i].assign(500, kUntouched);
      shards.push_back(std::span(buffers[i]).subspan(skew + i, 300));
      if (i >= 4) continue;
      std::copy(original.bytes[i].begin(), original.bytes[i].end(),
                shards[i].begin());
    }
    codec.Encode(shards);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      std::vector<std::byte> expected(500, kUntouched);
      std::copy(original.bytes[i].begin(), original.bytes[i].end(),
                expected.begin() + static_cast<std::ptrdiff_t>(skew + i));
      EXPECT_EQ(buffers[i], expected) << "shard " << i << " off by " << skew;
    }
  }
}

TEST(CodecEdgeTest, ParityOfOneDataShardIsItsCopy) {
  const Geometry geometry{.data_shards = 1, .parity_shards = 4};
  const Stripe stripe = Encoded(*Codec::Create(geometry));
  for (const auto& shard : stripe.bytes) EXPECT_EQ(shard, stripe.bytes[0]);
}

TEST(CodecEdgeTest, APresentShardThatIsWantedIsLeftAlone) {
  const Codec codec = *Codec::Create({.data_shards = 2, .parity_shards = 1});
  Stripe stripe = Encoded(codec);
  stripe.bytes[1][0] ^= std::byte{1};
  const auto before = stripe.bytes;
  const Loss loss{.present = 0b111, .wanted = 0b010};
  EXPECT_TRUE(codec.ReconstructWanted(stripe.shards, loss).ok());
  EXPECT_EQ(stripe.bytes, before);
}

TEST(CodecEdgeTest, AStripeOfNoBytesIsNoSpecialCase) {
  const Codec codec = *Codec::Create({.data_shards = 2, .parity_shards = 1});
  const std::vector<Shard> shards(3);
  codec.Encode(shards);
  EXPECT_TRUE(codec.Reconstruct(shards, {true, false, true}).ok());
  EXPECT_EQ(CodeOf(codec.Reconstruct(shards, {true, false, false})),
            ErrorCode::kUnrecoverable);
}

TEST(CodecEdgeTest, WhatIsNoGeometryIsRefused) {
  std::vector<std::string> accepted;
  for (int data = -1; data <= 18; ++data) {
    for (int parity = -1; parity <= 17; ++parity) {
      const Geometry geometry{.data_shards = data, .parity_shards = parity};
      const auto codec = Codec::Create(geometry);
      if (codec.ok()) accepted.push_back(NameOfGeometry(geometry));
      if (!codec.ok()) {
        EXPECT_EQ(CodeOf(codec.status()), ErrorCode::kInvalidGeometry);
      }
    }
  }
  std::vector<std::string> expected;
  for (const Geometry& geometry : AllGeometries()) {
    expected.push_back(NameOfGeometry(geometry));
  }
  EXPECT_EQ(accepted, expected);
}

}  // namespace
}  // namespace cairn::erasure
