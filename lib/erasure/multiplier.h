// The arithmetic under the codec: shards times a matrix over GF(2^8), on the
// fastest kernel that the machine has.

#ifndef CAIRN_LIB_ERASURE_MULTIPLIER_H_
#define CAIRN_LIB_ERASURE_MULTIPLIER_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace cairn::erasure {

inline constexpr int kInputsMax = 16;
inline constexpr int kOutputsMax = 4;
inline constexpr std::size_t kCoefficientsMax =
    std::size_t{kInputsMax} * kOutputsMax;

// All kernels compute the same bytes.
enum class Kernel {
  kIsal,     // on every machine; the reference for the others
  kGfni256,  // AVX2 and GFNI
  kGfni512,  // AVX-512 and GFNI
};
inline constexpr std::array kKernels = {Kernel::kIsal, Kernel::kGfni256,
                                        Kernel::kGfni512};

// Whether this machine has what `kernel` needs.
bool IsSupported(Kernel kernel);
Kernel FastestKernel();

// Coefficients in the field of polynomial x^8 + x^4 + x^3 + x^2 + 1, 0x11d.
class Matrix {
 public:
  // Zero everywhere. `inputs` is 1 .. kInputsMax, `outputs` 0 .. kOutputsMax.
  Matrix(int outputs, int inputs);

  int outputs() const { return outputs_; }
  int inputs() const { return inputs_; }
  std::uint8_t& at(int output, int input) {
    return rows_[static_cast<std::size_t>(output)]
                [static_cast<std::size_t>(input)];
  }
  std::uint8_t at(int output, int input) const {
    return rows_[static_cast<std::size_t>(output)]
                [static_cast<std::size_t>(input)];
  }

 private:
  int outputs_;
  int inputs_;
  std::array<std::array<std::uint8_t, kInputsMax>, kOutputsMax> rows_{};
};

// Where the shards are: one pointer for each input and output of the matrix,
// `size` bytes behind each. Outputs overlap nothing else; none is aligned.
struct Operands {
  std::array<const std::byte*, kInputsMax> inputs{};
  std::array<std::byte*, kOutputsMax> outputs{};
  std::size_t size = 0;
};

// A matrix, prepared for one kernel. Allocates nothing: where shards are small,
// making one is most of the work.
//
// Thread safety: immutable.
class Multiplier {
 public:
  // `kernel` is supported.
  Multiplier(const Matrix& matrix, Kernel kernel);

  // Sets each output byte to the sum of its row's coefficients times the input
  // bytes at the same offset.
  void Run(const Operands& operands) const;

 private:
  // 32 bytes for each coefficient: the size of ISA-L's tables. GFNI uses the
  // first 8 of them.
  using Tables = std::array<std::uint64_t, 4 * kCoefficientsMax>;

  int outputs_;
  int inputs_;
  Kernel kernel_;
  Tables tables_{};
};

}  // namespace cairn::erasure

#endif  // CAIRN_LIB_ERASURE_MULTIPLIER_H_
