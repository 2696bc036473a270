#include "fuzz/allocations.h"

#include <sanitizer/allocator_interface.h>

#include "base/check.h"

namespace cairn::fuzz {
namespace {

// The sanitizer's hooks take no context. A fuzzer has one thread.
std::size_t allocated = 0;

void OnAllocation(const volatile void* /*memory*/, std::size_t size) {
  allocated += size;
}

void OnFree(const volatile void* /*memory*/) {}

}  // namespace

Allocations::Allocations() : before_(allocated) {
  static const int hooks =
      __sanitizer_install_malloc_and_free_hooks(OnAllocation, OnFree);
  CAIRN_CHECK(hooks != 0);
}

std::size_t Allocations::bytes() const { return allocated - before_; }

}  // namespace cairn::fuzz
