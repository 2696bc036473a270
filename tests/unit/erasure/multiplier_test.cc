// Every kernel of this machine computes what the definition of the field says,
// for every shape of matrix, every small size and every alignment, and touches
// no byte outside of its outputs. The definition is written out here, bit by
// bit; that ISA-L passes as well makes it the reference it is said to be.

#include "erasure/multiplier.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "erasure/gfni.h"

namespace cairn::erasure {
namespace {

constexpr std::size_t kGuardSize = 64;
constexpr std::byte kGuard{0xa5};

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

// The product in the field of polynomial 0x11d.
std::uint8_t Product(std::uint8_t a, std::uint8_t b) {
  unsigned product = 0;
  for (int bit = 7; bit >= 0; --bit) {
    product <<= 1;
    if ((product & 0x100) != 0) product ^= 0x11d;
    if ((a >> bit & 1) != 0) product ^= b;
  }
  return static_cast<std::uint8_t>(product);
}

class Bytes {
 public:
  explicit Bytes(std::uint32_t seed) : state_(seed) {}
  std::uint8_t Next() {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<std::uint8_t>(state_ >> 24);
  }

 private:
  std::uint32_t state_;
};

// Shards with guards before and behind them, `skew` bytes off alignment, each
// shard another one.
struct Shards {
  Shards(int count, std::size_t size, std::size_t skew) {
    for (std::size_t i = 0; i < Index(count); ++i) {
      buffers.emplace_back(size + 2 * kGuardSize + i + skew, kGuard);
      offsets.push_back(kGuardSize + (i + skew) % kGuardSize);
    }
  }
  std::byte* at(int i) { return buffers[Index(i)].data() + offsets[Index(i)]; }

  std::vector<std::vector<std::byte>> buffers;
  std::vector<std::size_t> offsets;
};

Matrix RandomMatrix(int outputs, int inputs) {
  Bytes bytes(static_cast<std::uint32_t>(outputs * 100 + inputs));
  Matrix matrix(outputs, inputs);
  for (int output = 0; output < outputs; ++output) {
    for (int input = 0; input < inputs; ++input) {
      matrix.at(output, input) = bytes.Next();
    }
  }
  return matrix;
}

struct Case {
  std::size_t size = 0;
  std::size_t skew = 0;
};

std::byte Expected(const Matrix& matrix, int output, Shards& inputs,
                   std::size_t at) {
  std::uint8_t sum = 0;
  for (int input = 0; input < matrix.inputs(); ++input) {
    const auto value = std::to_integer<std::uint8_t>(inputs.at(input)[at]);
    sum ^= Product(matrix.at(output, input), value);
  }
  return std::byte{sum};
}

void Check(Kernel kernel, const Matrix& matrix, Case c) {
  Shards inputs(matrix.inputs(), c.size, c.skew);
  Shards outputs(matrix.outputs(), c.size, c.skew + 3);
  Operands operands{.size = c.size};
  Bytes bytes(static_cast<std::uint32_t>(c.size));
  for (int i = 0; i < matrix.inputs(); ++i) {
    std::generate_n(inputs.at(i), c.size,
                    [&] { return std::byte{bytes.Next()}; });
    operands.inputs[Index(i)] = inputs.at(i);
  }
  Shards expected = outputs;
  for (int o = 0; o < matrix.outputs(); ++o) {
    operands.outputs[Index(o)] = outputs.at(o);
    for (std::size_t at = 0; at < c.size; ++at) {
      expected.at(o)[at] = Expected(matrix, o, inputs, at);
    }
  }
  const Shards before = inputs;
  Multiplier(matrix, kernel).Run(operands);
  EXPECT_EQ(outputs.buffers, expected.buffers);
  EXPECT_EQ(inputs.buffers, before.buffers);
}

class MultiplierTest : public testing::TestWithParam<Kernel> {};

TEST_P(MultiplierTest, EveryShapeEqualsTheDefinition) {
  for (int inputs = 1; inputs <= kInputsMax; ++inputs) {
    for (int outputs = 0; outputs <= kOutputsMax; ++outputs) {
      SCOPED_TRACE(testing::Message() << outputs << " x " << inputs);
      for (const std::size_t size : {1u, 63u, 64u, 131u, 517u}) {
        Check(GetParam(), RandomMatrix(outputs, inputs), {size, size % 7});
      }
    }
  }
}

TEST_P(MultiplierTest, EverySmallSizeEqualsTheDefinition) {
  for (std::size_t size = 0; size <= 400; ++size) {
    SCOPED_TRACE(testing::Message() << size << " bytes");
    Check(GetParam(), RandomMatrix(2, 4), {size, 0});
    Check(GetParam(), RandomMatrix(4, 3), {size, 1});
  }
}

TEST_P(MultiplierTest, EveryAlignmentEqualsTheDefinition) {
  for (std::size_t skew = 0; skew < kGuardSize; ++skew) {
    SCOPED_TRACE(testing::Message() << "off by " << skew);
    Check(GetParam(), RandomMatrix(3, 5), {200 + skew, skew});
  }
}

TEST_P(MultiplierTest, EveryProductOfTwoBytesEqualsTheDefinition) {
  std::array<std::byte, 256> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = static_cast<std::byte>(i);
  }
  for (unsigned coefficient = 0; coefficient < 256; ++coefficient) {
    Matrix matrix(1, 1);
    matrix.at(0, 0) = static_cast<std::uint8_t>(coefficient);
    std::array<std::byte, 256> products{};
    Operands operands{.size = all.size()};
    operands.inputs[0] = all.data();
    operands.outputs[0] = products.data();
    Multiplier(matrix, GetParam()).Run(operands);
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(std::to_integer<std::uint8_t>(products[i]),
                Product(matrix.at(0, 0), static_cast<std::uint8_t>(i)))
          << coefficient << " times " << i;
    }
  }
}

std::string NameOfKernel(const testing::TestParamInfo<Kernel>& kernel) {
  switch (kernel.param) {
    case Kernel::kIsal:
      return "Isal";
    case Kernel::kGfni256:
      return "Gfni256";
    case Kernel::kGfni512:
      return "Gfni512";
  }
  return "";
}

std::vector<Kernel> SupportedKernels() {
  std::vector<Kernel> kernels;
  std::copy_if(kKernels.begin(), kKernels.end(), std::back_inserter(kernels),
               IsSupported);
  return kernels;
}

INSTANTIATE_TEST_SUITE_P(Kernels, MultiplierTest,
                         testing::ValuesIn(SupportedKernels()), NameOfKernel);

TEST(KernelTest, TheFastestIsSupportedAndIsalIsEverywhere) {
  EXPECT_TRUE(IsSupported(FastestKernel()));
  EXPECT_TRUE(IsSupported(Kernel::kIsal));
}

// What the instruction does, as its manual says, so that the matrices are
// checked on machines without it.
std::uint8_t Affine(std::uint64_t matrix, std::uint8_t value) {
  unsigned result = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    const auto row = static_cast<std::uint8_t>(matrix >> (8 * (7 - bit)));
    const auto common = static_cast<std::uint8_t>(row & value);
    result |= (static_cast<unsigned>(std::popcount(common)) & 1u) << bit;
  }
  return static_cast<std::uint8_t>(result);
}

TEST(GfniTest, EveryAffineMatrixMultiplies) {
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      const auto coefficient = static_cast<std::uint8_t>(a);
      const auto value = static_cast<std::uint8_t>(b);
      ASSERT_EQ(Affine(AffineMatrix(coefficient), value),
                Product(coefficient, value));
    }
  }
}

}  // namespace
}  // namespace cairn::erasure
