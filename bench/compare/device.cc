// What the device below a directory can do: direct writes or reads of one size
// over a number of pre-written files, with syncs, at a queue depth.

#include <fcntl.h>
#include <liburing.h>

#include <memory>
#include <string>
#include <vector>

#include "support/aligned_buffer.h"
#include "support/fail.h"
#include "support/file.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

struct DeviceOptions {
  CommonOptions common;
  bool is_read = false;
  bool is_random = false;
  int files = 1;
  unsigned depth = 1;
  std::uint64_t sync_every = 0;  // writes of a file to a sync; 0 never syncs
  std::uint64_t file_size = std::uint64_t{64} << 20;
};

std::string PathOf(const DeviceOptions& options, int file) {
  return options.common.load.directory + "/device-" +
         std::to_string(options.file_size >> 20) + "m-" + std::to_string(file);
}

// Keeps `depth` requests in flight on one ring. The files take turns; each is
// written or read from its beginning to its end and anew, or at random.
class Queue : public Worker {
 public:
  explicit Queue(const DeviceOptions& options)
      : options_(options), random_(options.common.seed) {
    for (int i = 0; i < options.files; ++i) {
      files_.emplace_back(PathOf(options, i),
                          (options.is_read ? O_RDONLY : O_WRONLY) | O_DIRECT);
    }
    Require(io_uring_queue_init(2 * options.depth, &ring_, 0) == 0,
            "io_uring_queue_init");
    for (unsigned slot = 0; slot < options.depth; ++slot) {
      buffers_.emplace_back(options.common.size);
      random_.Fill(buffers_.back().bytes());
      Prepare(slot);
    }
    // Submitted by the first Run(), when the clock runs.
  }

  ~Queue() override {
    Require(io_uring_submit(&ring_) >= 0, "io_uring_submit");
    for (unsigned i = 0; i < options_.depth; ++i) TakeSlot();
    io_uring_queue_exit(&ring_);
  }

  // Waits for one request to end and begins the next one in its place.
  void Run() override {
    Require(io_uring_submit(&ring_) >= 0, "io_uring_submit");
    Prepare(TakeSlot());
  }

 private:
  // Marks a write whose slot is free only when the sync behind it has ended.
  static constexpr std::uint64_t kNoSlot = ~std::uint64_t{0};

  void Prepare(std::uint64_t slot) {
    const std::uint64_t turn = turns_ / files_.size();
    const int file = files_[turns_ % files_.size()].descriptor();
    ++turns_;
    io_uring_sqe* request = io_uring_get_sqe(&ring_);
    std::byte* bytes = buffers_[slot].data();
    const auto size = static_cast<unsigned>(options_.common.size);
    if (options_.is_read) {
      io_uring_prep_read(request, file, bytes, size, OffsetOf(turn));
    } else {
      io_uring_prep_write(request, file, bytes, size, OffsetOf(turn));
    }
    io_uring_sqe_set_data64(request, slot);
    if (!options_.is_read && options_.sync_every > 0 &&
        (turn + 1) % options_.sync_every == 0) {
      Sync(request, file);
    }
  }

  void Sync(io_uring_sqe* request, int file) {
    if (options_.sync_every == 1) {
      request->rw_flags = RWF_DSYNC;
      return;
    }
    io_uring_sqe* sync = io_uring_get_sqe(&ring_);
    io_uring_prep_fsync(sync, file, IORING_FSYNC_DATASYNC);
    io_uring_sqe_set_data64(sync, request->user_data);
    io_uring_sqe_set_data64(request, kNoSlot);
    request->flags |= IOSQE_IO_LINK;
  }

  std::uint64_t OffsetOf(std::uint64_t turn) {
    const std::uint64_t size = options_.common.size;
    const std::uint64_t places = options_.file_size / size;
    return (options_.is_random ? random_.Below(places) : turn % places) * size;
  }

  // Waits until a slot is free.
  std::uint64_t TakeSlot() {
    std::uint64_t slot = kNoSlot;
    while (slot == kNoSlot) {
      io_uring_cqe* done = nullptr;
      Require(io_uring_wait_cqe(&ring_, &done) == 0, "io_uring_wait_cqe");
      if (done->res < 0) Fail("a request of io_uring failed");
      slot = done->user_data;
      io_uring_cqe_seen(&ring_, done);
    }
    return slot;
  }

  const DeviceOptions& options_;
  Random random_;
  std::vector<File> files_;
  std::vector<AlignedBuffer> buffers_;
  std::uint64_t turns_ = 0;
  io_uring ring_{};
};

int Main(int argc, char** argv) {
  CLI::App app("Direct I/O at a queue depth: what the device can do.");
  DeviceOptions options;
  AddCommonOptions(app, options.common);
  app.add_flag("--read", options.is_read, "read instead of writing");
  app.add_flag("--random", options.is_random, "at random places");
  app.add_option("--files", options.files)->check(CLI::Range(1, 1024));
  app.add_option("--depth", options.depth)->check(CLI::Range(1, 1024));
  app.add_option("--sync-every", options.sync_every,
                 "writes of a file to a sync of it; 0 never syncs");
  app.add_option("--file-size", options.file_size, "bytes of each file");
  CLI11_PARSE(app, argc, argv);
  if (options.common.size % kAlignment != 0 ||
      options.common.size > options.file_size) {
    Fail("--size is no multiple of 4096 that fits the files");
  }
  options.common.load.threads = 1;
  for (int i = 0; i < options.files; ++i) {
    PreWrite(PathOf(options, i), options.file_size);
  }
  const Measurement measured = Measure(options.common.load, [&](int) {
    return std::make_unique<Queue>(options);
  });
  Print(ToJson(measured, options.common.size,
               {{"operation", options.is_read ? "read" : "write"},
                {"random", options.is_random},
                {"files", options.files},
                {"depth", options.depth},
                {"sync_every", options.sync_every},
                {"size", options.common.size}}));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
