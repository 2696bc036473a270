// Kernels on GF2P8AFFINEQB, which multiplies each byte, seen as a vector of
// bits, by a matrix of 8 x 8 bits. Multiplying by a constant is linear, so it
// is such a matrix; this serves a field of any polynomial, while GF2P8MULB is
// fixed to another one than ISA-L's.

#ifndef CAIRN_LIB_ERASURE_GFNI_H_
#define CAIRN_LIB_ERASURE_GFNI_H_

#include <cstdint>

#include "erasure/multiplier.h"

namespace cairn::erasure {

// The matrix that multiplies by `coefficient`, in the form that the
// instruction takes.
std::uint64_t AffineMatrix(std::uint8_t coefficient);

// A matrix of matrices: those of all outputs for input 0, then for input 1 ..
struct AffineTable {
  const std::uint64_t* matrices = nullptr;
  int outputs = 0;  // 1 .. kOutputsMax
  int inputs = 0;   // 1 .. kInputsMax
};

// Whether this machine runs the kernel of that name.
bool HasGfni256();
bool HasGfni512();

void RunGfni256(AffineTable table, const Operands& operands);
void RunGfni512(AffineTable table, const Operands& operands);

}  // namespace cairn::erasure

#endif  // CAIRN_LIB_ERASURE_GFNI_H_
