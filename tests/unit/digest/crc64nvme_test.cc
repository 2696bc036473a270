// CRC-64/NVME equals its check value, and every kernel of this machine equals
// the definition, bit by bit, for every small size from every alignment.

#include "digest/crc64nvme.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "digest/crc64nvme_kernels.h"

namespace cairn::digest {
namespace {

using crc64nvme::IsSupported;
using crc64nvme::Kernel;
using crc64nvme::Update;

constexpr std::size_t kSizeMax = 1100;

std::vector<std::byte> SomeBytes(std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::uint32_t state = 1;
  for (std::byte& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<std::byte>(state >> 24);
  }
  return bytes;
}

std::uint64_t ByDefinition(std::uint64_t state, std::byte byte) {
  state ^= std::to_integer<std::uint64_t>(byte);
  for (int bit = 0; bit < 8; ++bit) {
    state = state >> 1 ^ ((state & 1) != 0 ? 0x9a6c9329ac4bc9b5u : 0u);
  }
  return state;
}

class Crc64NvmeKernelTest : public testing::TestWithParam<Kernel> {};

TEST_P(Crc64NvmeKernelTest, EverySizeAndAlignmentEqualsTheDefinition) {
  const std::vector<std::byte> bytes = SomeBytes(64 + kSizeMax);
  for (std::size_t from = 0; from < 64; ++from) {
    std::uint64_t expected = from * 0x9e3779b97f4a7c15;
    const std::uint64_t start = expected;
    for (std::size_t size = 0; size <= kSizeMax; ++size) {
      const base::Bytes piece = base::Bytes(bytes).subspan(from, size);
      ASSERT_EQ(Update(GetParam(), start, piece), expected)
          << size << " bytes from " << from;
      expected = ByDefinition(expected, bytes[from + size]);
    }
  }
}

TEST_P(Crc64NvmeKernelTest, ManyBytesEqualTheDefinition) {
  const std::vector<std::byte> bytes = SomeBytes(1'000'003);
  std::uint64_t expected = 0;
  for (const std::byte byte : bytes) expected = ByDefinition(expected, byte);
  EXPECT_EQ(Update(GetParam(), 0, bytes), expected);
}

// Each bit alone, so that no factor is right by luck.
TEST_P(Crc64NvmeKernelTest, EverySingleBitEqualsTheDefinition) {
  for (std::size_t bit = 0; bit < 8 * 600; ++bit) {
    std::vector<std::byte> bytes(600);
    bytes[bit / 8] = static_cast<std::byte>(1u << bit % 8);
    std::uint64_t expected = 0;
    for (std::size_t i = bit / 8; i < bytes.size(); ++i) {
      expected = ByDefinition(expected, bytes[i]);
    }
    ASSERT_EQ(Update(GetParam(), 0, bytes), expected) << "bit " << bit;
  }
}

std::vector<Kernel> SupportedKernels() {
  std::vector<Kernel> kernels;
  std::copy_if(crc64nvme::kKernels.begin(), crc64nvme::kKernels.end(),
               std::back_inserter(kernels), IsSupported);
  return kernels;
}

std::string NameOfKernel(const testing::TestParamInfo<Kernel>& kernel) {
  switch (kernel.param) {
    case Kernel::kTables:
      return "Tables";
    case Kernel::kClmul128:
      return "Clmul128";
    case Kernel::kClmul512:
      return "Clmul512";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Kernels, Crc64NvmeKernelTest,
                         testing::ValuesIn(SupportedKernels()), NameOfKernel);

TEST(Crc64NvmeTest, EqualsTheCheckValue) {
  EXPECT_EQ(Crc64Nvme(base::AsBytes("123456789")), 0xae8b14860a799888u);
  EXPECT_EQ(Crc64Nvme({}), 0u);
}

// The test vectors of the NVM Express specification.
TEST(Crc64NvmeTest, EqualsThePublishedValuesOfFourKibibytes) {
  std::vector<std::byte> bytes(4096);
  EXPECT_EQ(Crc64Nvme(bytes), 0x6482d367eb22b64eu);
  std::fill(bytes.begin(), bytes.end(), std::byte{0xff});
  EXPECT_EQ(Crc64Nvme(bytes), 0xc0ddba7302eca3acu);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i);
  }
  EXPECT_EQ(Crc64Nvme(bytes), 0x3e729f5f6750449cu);
  std::reverse(bytes.begin(), bytes.end());
  EXPECT_EQ(Crc64Nvme(bytes), 0x9a2df64b8e9e517eu);
}

TEST(Crc64NvmeTest, ExtendsAndCombinesAtEveryCut) {
  const std::vector<std::byte> bytes = SomeBytes(kSizeMax);
  const std::uint64_t whole = Crc64Nvme(bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const base::Bytes tail = base::Bytes(bytes).subspan(cut);
    const std::uint64_t head = Crc64Nvme(base::Bytes(bytes).first(cut));
    EXPECT_EQ(ExtendCrc64Nvme(head, tail), whole) << "cut at " << cut;
    EXPECT_EQ(
        CombineCrc64Nvme(
            {.head = head, .tail = Crc64Nvme(tail), .tail_size = tail.size()}),
        whole)
        << "cut at " << cut;
  }
}

// Too long to be computed: a tail of twice the zeros is a tail of the zeros,
// twice.
TEST(Crc64NvmeTest, CombinesTailsOfEveryPowerOfTwo) {
  const std::uint64_t head = Crc64Nvme(base::AsBytes("head"));
  std::uint64_t zeros = Crc64Nvme(std::vector<std::byte>(1));
  for (int i = 0; i < 63; ++i) {
    const std::uint64_t size = std::uint64_t{1} << i;
    const auto append_zeros = [&](std::uint64_t crc) {
      return CombineCrc64Nvme({.head = crc, .tail = zeros, .tail_size = size});
    };
    const std::uint64_t twice = append_zeros(append_zeros(head));
    zeros = append_zeros(zeros);
    EXPECT_EQ(
        CombineCrc64Nvme({.head = head, .tail = zeros, .tail_size = 2 * size}),
        twice)
        << "2^" << i + 1 << " zeros";
  }
}

}  // namespace
}  // namespace cairn::digest
