// What the device below a directory can do: direct writes or reads of one size
// over a number of files, with syncs, at a queue depth. The files are
// pre-written, or new ones each time that they have been written to their end.

#include <fcntl.h>
#include <liburing.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <utility>
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
  bool makes_files = false;
  int files = 1;
  unsigned depth = 1;
  std::uint64_t sync_every = 0;  // writes of a file to a sync; 0 never syncs
  std::uint64_t file_size = std::uint64_t{64} << 20;
};

std::string PathOf(const DeviceOptions& options, int file) {
  return options.common.load.directory + "/device-" +
         std::to_string(options.file_size >> 20) + "m-" + std::to_string(file);
}

using FilePtr = std::unique_ptr<const File>;

// New files, one after the other, each made ahead of its time and with its
// size: so it is written faster than one that grows. An old one is removed
// meanwhile.
class NewFiles {
 public:
  NewFiles(std::string path, std::uint64_t size)
      : path_(std::move(path)), size_(size) {
    MakeNext(nullptr);
  }

  // `used` is not written any more.
  FilePtr Take(FilePtr used) {
    FilePtr file = next_.get();
    MakeNext(std::move(used));
    return file;
  }

 private:
  void MakeNext(FilePtr used) {
    next_ =
        std::async(std::launch::async, [this, old = std::move(used)]() mutable {
          // The name goes first: the last close frees the room.
          auto file = Make();
          old.reset();
          return file;
        });
  }

  FilePtr Make() const {
    unlink(path_.c_str());
    constexpr int kFlags = O_CREAT | O_EXCL | O_WRONLY | O_DIRECT;
    auto file = std::make_unique<const File>(path_, kFlags);
    Require(ftruncate(file->descriptor(), static_cast<off_t>(size_)) == 0,
            path_);
    return file;
  }

  std::string path_;
  std::uint64_t size_;
  std::future<FilePtr> next_;
};

// Keeps `depth` requests in flight on one ring. The files take turns; each is
// written or read from its beginning to its end and anew, or at random.
class Queue : public Worker {
 public:
  explicit Queue(const DeviceOptions& options)
      : options_(options),
        random_(options.common.seed),
        memory_(std::max<std::size_t>(options.depth * options.common.size,
                                      kHugePageSize)),
        requests_(options.depth) {
    for (int i = 0; i < options.files; ++i) {
      const std::string path = PathOf(options, i);
      if (options.makes_files) {
        new_files_.emplace_back(path + "-new", options.file_size);
        files_.push_back(new_files_.back().Take(nullptr));
      } else {
        files_.push_back(std::make_unique<const File>(
            path, (options.is_read ? O_RDONLY : O_WRONLY) | O_DIRECT));
      }
    }
    old_files_.resize(files_.size());
    Require(io_uring_queue_init(options.depth, &ring_, 0) == 0,
            "io_uring_queue_init");
    random_.Fill(memory_.bytes());
    for (unsigned slot = 0; slot < options.depth; ++slot) Prepare(slot);
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
  // What a slot is doing.
  struct Request {
    int file = -1;
    std::uint64_t offset = 0;
    bool has_sync = false;  // one of its own follows the write
    bool is_syncing = false;
  };

  // The last requests of the old file may still be on their way, those of the
  // one before it are not.
  void Renew(std::size_t number) {
    FilePtr file = new_files_[number].Take(std::move(old_files_[number]));
    old_files_[number] = std::exchange(files_[number], std::move(file));
  }

  std::uint64_t places() const {
    return options_.file_size / options_.common.size;
  }

  // Begins the next request in `slot`.
  void Prepare(std::uint64_t slot) {
    const std::uint64_t turn = turns_ / files_.size();
    const std::size_t number = turns_ % files_.size();
    if (options_.makes_files && turn > 0 && turn % places() == 0) Renew(number);
    requests_[slot] = {.file = files_[number]->descriptor(),
                       .offset = OffsetOf(turn),
                       .has_sync = !options_.is_read &&
                                   options_.sync_every > 1 &&
                                   (turn + 1) % options_.sync_every == 0};
    ++turns_;
    Transfer(slot);
  }

  void Transfer(std::uint64_t slot) {
    const Request& request = requests_[slot];
    std::byte* bytes = memory_.data() + slot * options_.common.size;
    const auto size = static_cast<unsigned>(options_.common.size);
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (options_.is_read) {
      io_uring_prep_read(entry, request.file, bytes, size, request.offset);
    } else {
      io_uring_prep_write(entry, request.file, bytes, size, request.offset);
      if (options_.sync_every == 1) entry->rw_flags = RWF_DSYNC;
    }
    io_uring_sqe_set_data64(entry, slot);
  }

  void Sync(std::uint64_t slot) {
    requests_[slot].is_syncing = true;
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    io_uring_prep_fsync(entry, requests_[slot].file, IORING_FSYNC_DATASYNC);
    io_uring_sqe_set_data64(entry, slot);
  }

  // Whether the slot is free after its request ended with `result`; else what
  // is left to do was submitted.
  bool IsDone(std::uint64_t slot, int result) {
    const Request& request = requests_[slot];
    // A queue of the device that is full cuts large requests short.
    const bool is_cut = result == -EAGAIN || result == -EINTR;
    if (result < 0 && !is_cut) {
      errno = -result;
      FailErrno("a request of io_uring");
    }
    if (request.is_syncing) {
      if (!is_cut) return true;
      Sync(slot);
    } else if (result != static_cast<int>(options_.common.size)) {
      Transfer(slot);
    } else if (request.has_sync) {
      Sync(slot);
    } else {
      return true;
    }
    Require(io_uring_submit(&ring_) >= 0, "io_uring_submit");
    return false;
  }

  std::uint64_t OffsetOf(std::uint64_t turn) {
    const std::uint64_t size = options_.common.size;
    return (options_.is_random ? random_.Below(places()) : turn % places()) *
           size;
  }

  // Waits until a slot is free.
  std::uint64_t TakeSlot() {
    for (;;) {
      io_uring_cqe* done = nullptr;
      Require(io_uring_wait_cqe(&ring_, &done) == 0, "io_uring_wait_cqe");
      const std::uint64_t slot = done->user_data;
      const int result = done->res;
      io_uring_cqe_seen(&ring_, done);
      if (IsDone(slot, result)) return slot;
    }
  }

  const DeviceOptions& options_;
  Random random_;
  std::vector<FilePtr> files_;
  std::vector<FilePtr> old_files_;  // still open
  std::deque<NewFiles> new_files_;
  AlignedBuffer memory_;
  std::vector<Request> requests_;
  std::uint64_t turns_ = 0;
  io_uring ring_{};
};

int Main(int argc, char** argv) {
  CLI::App app("Direct I/O at a queue depth: what the device can do.");
  DeviceOptions options;
  AddCommonOptions(app, options.common);
  app.add_flag("--read", options.is_read, "read instead of writing");
  app.add_flag("--random", options.is_random, "at random places");
  app.add_flag("--new-files", options.makes_files, "write new files");
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
  if (options.makes_files &&
      (options.is_read || options.is_random ||
       options.file_size / options.common.size < options.depth)) {
    Fail("--new-files are written in order, each by more writes than --depth");
  }
  options.common.load.threads = 1;
  for (int i = 0; i < options.files && !options.makes_files; ++i) {
    PreWrite(PathOf(options, i), options.file_size);
  }
  const Measurement measured = Measure(options.common.load, [&](int) {
    return std::make_unique<Queue>(options);
  });
  Print(ToJson(measured, options.common.size,
               {{"operation", options.is_read ? "read" : "write"},
                {"random", options.is_random},
                {"new_files", options.makes_files},
                {"files", options.files},
                {"depth", options.depth},
                {"sync_every", options.sync_every},
                {"size", options.common.size}}));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
