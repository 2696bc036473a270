// What a suite of storage/ needs of an implementation.

#ifndef CAIRN_TESTS_CONFORMANCE_STORE_UNDER_TEST_H_
#define CAIRN_TESTS_CONFORMANCE_STORE_UNDER_TEST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/task.h"
#include "storage/blob_store.h"
#include "storage/meta_store.h"
#include "support/sim_loop.h"

namespace cairn::storage {

// Both stores of one implementation, empty, and whoever runs their tasks.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;

  virtual MetaStore& meta() = 0;
  virtual BlobStore& blobs() = 0;

  // Runs `task` to its end; on the strand, where there is one.
  virtual void Run(base::Task<> task) = 0;

  // A batch with so many bytes of small blobs is too large.
  virtual std::size_t batch_size_refused() const = 0;

  template <typename T>
  T Await(base::Task<T> task) {
    std::optional<T> result;
    static constexpr auto kRun = [](base::Task<T> body,
                                    std::optional<T>& into) -> base::Task<> {
      into.emplace(co_await body);
    };
    Run(kRun(std::move(task), result));
    CAIRN_CHECK(result.has_value());
    return *std::move(result);
  }

  absl::Status Commit(Batch batch) {
    return Await(meta().Commit(0, std::move(batch)));
  }
  absl::StatusOr<ReadResult> Read(ReadRequest request) {
    return Await(meta().Read(0, std::move(request)));
  }
  absl::StatusOr<std::optional<Record>> ReadOne(std::string key) {
    ReadRequest request;
    request.keys.push_back(std::move(key));
    absl::StatusOr<ReadResult> result = Read(std::move(request));
    if (!result.ok()) return result.status();
    return std::move(result->records.at(0));
  }
  absl::StatusOr<std::vector<std::byte>> ReadBlob(const BlobRef& blob) {
    std::vector<std::byte> bytes(blob.size);
    const absl::Status read = Await(blobs().Read(0, blob, 0, bytes));
    if (!read.ok()) return read;
    return bytes;
  }

  // What a stream gives of it.
  absl::StatusOr<std::vector<std::byte>> StreamBlob(const BlobRef& blob,
                                                    std::uint64_t offset,
                                                    std::uint64_t size) {
    std::vector<std::byte> bytes;
    const std::unique_ptr<BlobStream> stream =
        blobs().Stream(0, blob, offset, size);
    while (true) {
      const absl::StatusOr<BlobPieces> next = Await(stream->Next());
      if (!next.ok()) return next.status();
      if (next->pieces.empty()) return bytes;
      for (const base::Bytes piece : next->pieces) {
        CAIRN_CHECK(!piece.empty());
        bytes.insert(bytes.end(), piece.begin(), piece.end());
      }
    }
  }
};

using StoreFactory = std::unique_ptr<StoreUnderTest> (*)();

inline WriteId IdOf(std::uint64_t number) { return {.high = 7, .low = number}; }

// Different bytes for each `mark`.
inline std::vector<std::byte> BytesOf(std::size_t size, std::uint64_t mark) {
  support::SeededRandom random(mark);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.Next());
  return bytes;
}

}  // namespace cairn::storage

#endif  // CAIRN_TESTS_CONFORMANCE_STORE_UNDER_TEST_H_
