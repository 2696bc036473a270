#include "base/bytes.h"

#include <new>

namespace cairn::base {

std::string_view AsText(Bytes bytes) {
  // tidy: bytes seen as text; char may alias anything
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

AlignedBuffer::AlignedBuffer(std::size_t size)
    : data_(static_cast<std::byte*>(
          ::operator new[](size, std::align_val_t(kDirectAlignment)))),
      size_(size) {}

void AlignedBuffer::Free::operator()(std::byte* data) const {
  ::operator delete[](data, std::align_val_t(kDirectAlignment));
}

}  // namespace cairn::base
