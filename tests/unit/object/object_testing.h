// Helpers of the tests of object/.

#ifndef CAIRN_TESTS_UNIT_OBJECT_OBJECT_TESTING_H_
#define CAIRN_TESTS_UNIT_OBJECT_OBJECT_TESTING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/task.h"
#include "object/store.h"
#include "support/blob_pieces.h"
#include "support/memory_store.h"
#include "support/sim_loop.h"

namespace cairn::object {

// Runs a task that waits for nothing, or for `loop` only.
template <typename T>
T Ready(base::Task<T> task, support::SimLoop* loop = nullptr) {
  std::optional<T> result;
  static constexpr auto kRun = [](base::Task<T> body,
                                  std::optional<T>& into) -> base::Task<> {
    into.emplace(co_await body);
  };
  base::TaskScope scope;
  scope.Spawn(kRun(std::move(task), result));
  if (loop != nullptr) loop->RunAll();
  CAIRN_CHECK(result.has_value());
  return *std::move(result);
}

// Small, so that a few hundred kibibytes are several blobs.
inline constexpr std::uint64_t kTestBlobSizeMax = 70'000;

// A store in memory.
struct World {
  explicit World(std::uint64_t seed) : random(seed) {}

  support::SeededRandom random;
  support::SimLoop loop{random};
  support::MemoryStore memory;
  Store store{Environment{.meta = memory,
                          .blobs = memory,
                          .clock = loop,
                          .random = random,
                          .blob_size_max = kTestBlobSizeMax}};
};

// Different bytes for each `mark`.
inline std::string BodyOf(std::size_t size, std::uint64_t mark) {
  support::SeededRandom random(mark);
  std::string body(size, '\0');
  for (char& c : body) c = static_cast<char>(random.Next());
  return body;
}

inline absl::StatusOr<std::string> ReadAll(Reader& reader) {
  std::string body(reader.range().size + 1, '\0');
  const absl::StatusOr<std::size_t> size =
      Ready(reader.ReadAt(0, std::as_writable_bytes(std::span(body))));
  if (!size.ok()) return size.status();
  body.resize(*size);
  return body;
}

// What is left of it.
inline absl::StatusOr<std::string> StreamAll(Reader& reader) {
  std::string body;
  while (true) {
    const absl::StatusOr<storage::BlobPieces> next = Ready(reader.Next());
    if (!next.ok()) return next.status();
    if (next->pieces.empty()) return body;
    body += support::TextOf(*next);
  }
}

inline absl::StatusOr<std::string> GetText(Store& store, ObjectRef ref,
                                           const GetOptions& options = {}) {
  const auto reader = Ready(store.Get(ref, options));
  if (!reader.ok()) return reader.status();
  return ReadAll(**reader);
}

inline absl::StatusOr<PutResult> PutText(Store& store, ObjectRef ref,
                                         std::string_view body,
                                         const PutOptions& options = {}) {
  return Ready(store.Put(ref, base::AsBytes(body), options));
}

}  // namespace cairn::object

#endif  // CAIRN_TESTS_UNIT_OBJECT_OBJECT_TESTING_H_
