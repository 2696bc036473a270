// How much memory a decoder takes.

#ifndef CAIRN_TESTS_FUZZ_ALLOCATIONS_H_
#define CAIRN_TESTS_FUZZ_ALLOCATIONS_H_

#include <cstddef>

namespace cairn::fuzz {

// Counts the bytes that are asked of the allocator while it lives, whether they
// are given back or not.
class Allocations {
 public:
  Allocations();

  std::size_t bytes() const;

 private:
  std::size_t before_;
};

}  // namespace cairn::fuzz

#endif  // CAIRN_TESTS_FUZZ_ALLOCATIONS_H_
