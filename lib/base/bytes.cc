#include "base/bytes.h"

#include <new>
#include <utility>

#include "base/buffer_pool.h"

namespace cairn::base {

std::string_view AsText(Bytes bytes) {
  // tidy: bytes seen as text; char may alias anything
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

AlignedBuffer::AlignedBuffer(std::size_t size)
    : data_(static_cast<std::byte*>(
          ::operator new[](size, std::align_val_t(kDirectAlignment)))),
      size_(size) {}

AlignedBuffer::AlignedBuffer(std::byte* data, std::size_t size,
                             std::shared_ptr<BufferPool> pool)
    : data_(data, Free{std::move(pool)}), size_(size) {}

void AlignedBuffer::Free::operator()(std::byte* data) const {
  if (pool != nullptr) {
    pool->Give(data);
    return;
  }
  ::operator delete[](data, std::align_val_t(kDirectAlignment));
}

}  // namespace cairn::base
