#include "fuzz/fuzzer.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  cairn::fuzz::Input input(std::as_bytes(std::span(data, size)));
  const auto targets = cairn::fuzz::Targets();
  targets[input.Get<std::uint8_t>() % targets.size()](input);
  return 0;
}
