// What is known of a file that was to be stored.

#ifndef CAIRN_EXAMPLES_QUICKSTART_RECEIPT_H_
#define CAIRN_EXAMPLES_QUICKSTART_RECEIPT_H_

#include <cstddef>
#include <cstdint>

#include "quickstart/sha256.h"

namespace quickstart {

enum class Fate : std::uint32_t {
  kUnknown,  // not put, or the put has not returned
  kStored,   // the engine has acknowledged it
  kSkipped,  // no object: the file vanished, or its name is no key
};

// Also goes through a pipe, so it has no pointers.
struct Receipt {
  Fate fate = Fate::kUnknown;
  Digest digest{};
  std::uint64_t size = 0;  // bytes
};

// Objects and their bytes.
struct Work {
  std::size_t objects = 0;
  std::uint64_t bytes = 0;

  void Add(const Receipt& receipt) {
    if (receipt.fate != Fate::kStored) return;
    ++objects;
    bytes += receipt.size;
  }
};

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_RECEIPT_H_
