// Tells the address sanitizer which memory nobody may touch now.

#ifndef CAIRN_LIB_BASE_POISON_H_
#define CAIRN_LIB_BASE_POISON_H_

#include <cstddef>

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(begin, size) ((void)(begin), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(begin, size) ((void)(begin), (void)(size))
#endif

namespace cairn::base {

// Nothing without the sanitizer.
inline void Poison(const void* begin, std::size_t size) {
  ASAN_POISON_MEMORY_REGION(begin, size);
}

inline void Unpoison(const void* begin, std::size_t size) {
  ASAN_UNPOISON_MEMORY_REGION(begin, size);
}

}  // namespace cairn::base

#endif  // CAIRN_LIB_BASE_POISON_H_
