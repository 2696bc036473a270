#include "erasure/multiplier.h"

#include <algorithm>

#include <isa-l/erasure_code.h>

#include "base/check.h"
#include "erasure/gfni.h"

namespace cairn::erasure {
namespace {

std::size_t Index(int i) { return static_cast<std::size_t>(i); }

// ISA-L declares what it only reads as what it may write.
unsigned char* Bytes(const void* data) {
  return static_cast<unsigned char*>(const_cast<void*>(data));
}

struct Shape {
  int outputs;
  int inputs;
};

void PrepareIsal(const Matrix& matrix, std::uint64_t* tables) {
  std::array<unsigned char, kCoefficientsMax> coefficients{};
  auto* next = coefficients.data();
  for (int output = 0; output < matrix.outputs(); ++output) {
    for (int input = 0; input < matrix.inputs(); ++input) {
      *next++ = matrix.at(output, input);
    }
  }
  ec_init_tables(matrix.inputs(), matrix.outputs(), coefficients.data(),
                 Bytes(tables));
}

void RunIsal(const std::uint64_t* tables, Shape shape,
             const Operands& operands) {
  // ISA-L counts in int.
  constexpr std::size_t kPieceSize = 1 << 30;
  for (std::size_t at = 0; at < operands.size; at += kPieceSize) {
    std::array<unsigned char*, kInputsMax> inputs{};
    std::array<unsigned char*, kOutputsMax> outputs{};
    for (std::size_t i = 0; i < Index(shape.inputs); ++i) {
      inputs[i] = Bytes(operands.inputs[i] + at);
    }
    for (std::size_t i = 0; i < Index(shape.outputs); ++i) {
      outputs[i] = Bytes(operands.outputs[i] + at);
    }
    const std::size_t size = std::min(kPieceSize, operands.size - at);
    ec_encode_data(static_cast<int>(size), shape.inputs, shape.outputs,
                   Bytes(tables), inputs.data(), outputs.data());
  }
}

// In the order in which the kernels use them: all outputs of the first input,
// then all of the second.
void PrepareGfni(const Matrix& matrix, std::uint64_t* tables) {
  for (int input = 0; input < matrix.inputs(); ++input) {
    for (int output = 0; output < matrix.outputs(); ++output) {
      *tables++ = AffineMatrix(matrix.at(output, input));
    }
  }
}

}  // namespace

bool IsSupported(Kernel kernel) {
  switch (kernel) {
    case Kernel::kIsal:
      return true;
    case Kernel::kGfni256:
      return HasGfni256();
    case Kernel::kGfni512:
      return HasGfni512();
  }
  return false;
}

Kernel FastestKernel() {
  if (HasGfni512()) return Kernel::kGfni512;
  return HasGfni256() ? Kernel::kGfni256 : Kernel::kIsal;
}

Matrix::Matrix(int outputs, int inputs) : outputs_(outputs), inputs_(inputs) {
  CAIRN_CHECK(outputs >= 0 && outputs <= kOutputsMax);
  CAIRN_CHECK(inputs >= 1 && inputs <= kInputsMax);
}

Multiplier::Multiplier(const Matrix& matrix, Kernel kernel)
    : outputs_(matrix.outputs()), inputs_(matrix.inputs()), kernel_(kernel) {
  CAIRN_CHECK(IsSupported(kernel));
  if (outputs_ == 0) return;
  if (kernel == Kernel::kIsal) {
    PrepareIsal(matrix, tables_.data());
  } else {
    PrepareGfni(matrix, tables_.data());
  }
}

void Multiplier::Run(const Operands& operands) const {
  if (outputs_ == 0 || operands.size == 0) return;
  switch (kernel_) {
    case Kernel::kIsal:
      return RunIsal(tables_.data(), {outputs_, inputs_}, operands);
    case Kernel::kGfni256:
      return RunGfni256({tables_.data(), outputs_, inputs_}, operands);
    case Kernel::kGfni512:
      return RunGfni512({tables_.data(), outputs_, inputs_}, operands);
  }
}

}  // namespace cairn::erasure
