// What every fuzzer has in common: the first byte of an input chooses one of
// its targets, the rest is for that.

#ifndef CAIRN_TESTS_FUZZ_FUZZER_H_
#define CAIRN_TESTS_FUZZ_FUZZER_H_

#include <span>

#include "format/byte_io.h"

namespace cairn::fuzz {

// What is left of an input. Behind its end every number is 0.
using Input = format::FieldReader;

// Decodes what the input makes and checks what holds of anything decoded.
using Target = void (*)(Input& input);

// Each fuzzer defines it. The corpus counts on the order.
std::span<const Target> Targets();

}  // namespace cairn::fuzz

#endif  // CAIRN_TESTS_FUZZ_FUZZER_H_
