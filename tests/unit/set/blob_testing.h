// A set of simulated drives on which tests write and read large blobs.

#ifndef CAIRN_TESTS_UNIT_SET_BLOB_TESTING_H_
#define CAIRN_TESTS_UNIT_SET_BLOB_TESTING_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "base/task.h"
#include "cairn/status.h"
#include "erasure/codec.h"
#include "format/blob_file.h"
#include "set/blob_context.h"
#include "set/blob_reader.h"
#include "set/blob_writer.h"
#include "set/stripe_pool.h"
#include "support/sim_drive.h"
#include "support/sim_loop.h"

namespace cairn::set {

inline constexpr std::array<erasure::Geometry, 6> kBlobGeometries = {{
    {.data_shards = 1, .parity_shards = 0},
    {.data_shards = 1, .parity_shards = 1},
    {.data_shards = 2, .parity_shards = 1},
    {.data_shards = 2, .parity_shards = 2},
    {.data_shards = 4, .parity_shards = 2},
    {.data_shards = 16, .parity_shards = 4},
}};

// The smallest unit there is: many stripes out of few bytes.
inline constexpr std::uint32_t kSmallUnit = format::kBlobFrameSize;

inline std::vector<std::byte> RandomBytes(support::SeededRandom& random,
                                          std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.Next());
  return bytes;
}

struct Reported {
  int position = 0;
  absl::Status status;
};

// Drives, and the model of one blob on them. Calls begin off the strand, as
// those of a caller's thread do.
class BlobWorld {
 public:
  using Media = std::vector<support::SimMedia>;

  explicit BlobWorld(erasure::Geometry geometry, std::uint64_t seed = 1,
                     std::uint32_t unit = kSmallUnit)
      : random(seed),
        codec(*erasure::Codec::Create(geometry)),
        rooms(geometry, unit),
        media(static_cast<std::size_t>(geometry.total_shards())),
        loop(order) {
    for (std::size_t i = 0; i < media.size(); ++i) {
      drives.push_back(std::make_unique<support::SimDrive>(
          support::SimDriveOptions{.name = fmt::format("d{}", i),
                                   .media = &media[i],
                                   .loop = &loop,
                                   .fates = [this, i](const support::Io& io) {
                                     return fates(static_cast<int>(i), io);
                                   }}));
    }
  }

  int total() const { return codec.geometry().total_shards(); }
  int parity() const { return codec.geometry().parity_shards; }

  // The drives of the positions in `mask`.
  BlobContext Context(std::uint32_t mask = ~0u) {
    BlobContext context{.codec = codec,
                        .executor = loop,
                        .scope = scope,
                        .rooms = rooms,
                        .deployment = {.high = 7, .low = 8},
                        .set = 3};
    for (int i = 0; i < total(); ++i) {
      if ((mask >> i & 1) == 0) continue;
      context.drives.push_back(
          {.position = i, .drive = drives[static_cast<std::size_t>(i)].get()});
    }
    context.report = [this](int position, const absl::Status& status) {
      reported.push_back({.position = position, .status = status});
    };
    return context;
  }

  // Begins the blob of an id, with files of its own.
  std::unique_ptr<BlobFileWriter> Begin(const BlobContext& context,
                                        const NewBlob& blob) {
    writing.push_back({.codec = codec,
                       .executor = loop,
                       .deployment = context.deployment,
                       .set = context.set,
                       .rooms = rooms,
                       .begin = [context] { return context; }});
    return std::make_unique<BlobFileWriter>(writing.back(), blob);
  }

  template <typename T>
  T Run(base::Task<T> task) {
    base::Origin origin;
    std::optional<T> result;
    bool has_ended = false;
    base::StartOffStrand(std::move(task), origin, result,
                         [&] { has_ended = true; });
    EXPECT_TRUE(loop.RunUntil([&] { return has_ended; }));
    return *std::move(result);
  }

  // The same for a task that only runs on the strand.
  absl::Status RunOnStrand(base::Task<absl::Status> task) {
    static constexpr auto kRun =
        [](base::Task<absl::Status> what,
           base::Executor& executor) -> base::Task<absl::Status> {
      co_await base::OnStrand(executor);
      co_return co_await what;
    };
    return Run(kRun(std::move(task), loop));
  }

  BlobDrive DriveOf(int position) {
    return {.position = position,
            .drive = drives[static_cast<std::size_t>(position)].get()};
  }

  // Appends `rest` in pieces of random sizes up to `piece_max`.
  absl::Status Append(BlobFileWriter& writer, base::Bytes rest,
                      std::size_t piece_max) {
    while (!rest.empty()) {
      const std::size_t size =
          std::min(rest.size(), 1 + random.Choose(piece_max));
      absl::Status status = Run(writer.Append(rest.first(size)));
      if (!status.ok()) return status;
      rest = rest.subspan(size);
    }
    return absl::OkStatus();
  }

  // Writes a new blob of random bytes, which `bytes` then holds.
  absl::StatusOr<StoredBlob> TryWrite(std::size_t size,
                                      const BlobContext& context) {
    bytes = RandomBytes(random, size);
    const format::BlobId id{.epoch = 2, .random = 5, .counter = ++counter};
    const auto writer = Begin(context, {.id = id});
    const absl::Status appended = Append(*writer, bytes, 300000);
    if (!appended.ok()) return appended;
    const auto place = Run(writer->Seal());
    if (!place.ok()) return place.status();
    return StoredBlob{.id = id, .size = size, .place = *place};
  }

  StoredBlob Write(std::size_t size) {
    const auto blob = TryWrite(size, Context());
    EXPECT_TRUE(blob.ok()) << blob.status();
    return blob.value_or(StoredBlob());
  }

  // Reads a range and compares it with the model where that was OK.
  absl::Status Read(OpenBlob& blob, std::uint64_t offset, std::size_t size) {
    std::vector<std::byte> into(size, std::byte{0xee});
    const absl::Status status = Run(blob.Read(offset, into));
    if (!status.ok()) return status;
    EXPECT_TRUE(std::equal(into.begin(), into.end(),
                           bytes.begin() + static_cast<std::ptrdiff_t>(offset)))
        << "wrong bytes in " << size << " from " << offset;
    return status;
  }

  absl::Status ReadAll(const StoredBlob& stored, std::uint32_t mask = ~0u) {
    OpenBlob blob(Context(mask), stored);
    return Read(blob, 0, stored.size);
  }

  support::FileImage& File(int position, const StoredBlob& blob) {
    return media[static_cast<std::size_t>(position)].files.at(
        format::BlobPath(blob.id));
  }

  static std::vector<std::byte> ContentOf(const support::FileImage& file) {
    std::vector<std::byte> content(file.size());
    file.Read(0, content);
    return content;
  }

  support::SeededRandom random;
  support::InOrder order;
  erasure::Codec codec;
  StripePool rooms;
  std::list<BlobWriterContext> writing;  // of writers, which borrow them
  Media media;
  support::SimLoop loop;
  std::function<support::Fate(int position, const support::Io&)> fates =
      [](int, const support::Io&) { return support::Fate(); };
  std::vector<std::unique_ptr<support::SimDrive>> drives;
  std::vector<Reported> reported;
  std::vector<std::byte> bytes;
  std::uint64_t counter = 0;
  base::TaskScope scope;
};

}  // namespace cairn::set

#endif  // CAIRN_TESTS_UNIT_SET_BLOB_TESTING_H_
