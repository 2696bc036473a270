// Synced appends to one pre-written file, bare: as fast as one thread can make
// bytes durable one after the other, by each of the ways that Linux has.

#include <fcntl.h>
#include <liburing.h>
#include <sys/uio.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "support/aligned_buffer.h"
#include "support/fail.h"
#include "support/file.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

constexpr std::uint64_t kFileSize = std::uint64_t{64} << 20;

// Appends one buffer over and over; at the end of the file it begins anew, as
// a log does.
class Appender : public Worker {
 public:
  Appender(const CommonOptions& options, int flags)
      : buffer_(options.size),
        file_(options.load.directory + "/log", O_WRONLY | flags) {
    Random(options.seed).Fill(buffer_.bytes());
  }

  void Run() final {
    if (offset_ + buffer_.size() > kFileSize) offset_ = 0;
    Append(buffer_.bytes(), offset_);
    offset_ += buffer_.size();
  }

 protected:
  const File& file() const { return file_; }

 private:
  virtual void Append(std::span<std::byte> bytes, std::uint64_t offset) = 0;

  AlignedBuffer buffer_;
  File file_;
  std::uint64_t offset_ = 0;
};

// The descriptor was opened with O_DSYNC.
class Dsync : public Appender {
 public:
  explicit Dsync(const CommonOptions& options)
      : Appender(options, O_DIRECT | O_DSYNC) {}

 private:
  void Append(std::span<std::byte> bytes, std::uint64_t offset) override {
    file().Write(bytes, offset);
  }
};

// Each write asks for it.
class RwfDsync : public Appender {
 public:
  explicit RwfDsync(const CommonOptions& options)
      : Appender(options, O_DIRECT) {}

 private:
  void Append(std::span<std::byte> bytes, std::uint64_t offset) override {
    const iovec piece = {.iov_base = bytes.data(), .iov_len = bytes.size()};
    Require(pwritev2(file().descriptor(), &piece, 1, static_cast<off_t>(offset),
                     RWF_DSYNC) == static_cast<ssize_t>(bytes.size()),
            "pwritev2");
  }
};

// A write, then fdatasync(): through the page cache or past it.
class Fdatasync : public Appender {
 public:
  Fdatasync(const CommonOptions& options, int flags)
      : Appender(options, flags) {}

 private:
  void Append(std::span<std::byte> bytes, std::uint64_t offset) override {
    file().Write(bytes, offset);
    file().SyncData();
  }
};

// io_uring: a write with RWF_DSYNC, or a write and a sync that is linked to it.
class Uring : public Appender {
 public:
  Uring(const CommonOptions& options, bool is_linked)
      : Appender(options, O_DIRECT), is_linked_(is_linked) {
    Require(io_uring_queue_init(4, &ring_, 0) == 0, "io_uring_queue_init");
  }
  ~Uring() override { io_uring_queue_exit(&ring_); }

 private:
  void Append(std::span<std::byte> bytes, std::uint64_t offset) override {
    io_uring_sqe* write = io_uring_get_sqe(&ring_);
    io_uring_prep_write(write, file().descriptor(), bytes.data(),
                        static_cast<unsigned>(bytes.size()), offset);
    if (is_linked_) {
      write->flags |= IOSQE_IO_LINK;
      io_uring_prep_fsync(io_uring_get_sqe(&ring_), file().descriptor(),
                          IORING_FSYNC_DATASYNC);
    } else {
      write->rw_flags = RWF_DSYNC;
    }
    const unsigned count = is_linked_ ? 2 : 1;
    Require(io_uring_submit_and_wait(&ring_, count) >= 0, "io_uring");
    for (unsigned i = 0; i < count; ++i) TakeCompletion();
  }

  void TakeCompletion() {
    io_uring_cqe* done = nullptr;
    Require(io_uring_wait_cqe(&ring_, &done) == 0, "io_uring");
    if (done->res < 0) Fail("a write or a sync of io_uring failed");
    io_uring_cqe_seen(&ring_, done);
  }

  bool is_linked_;
  io_uring ring_{};
};

using Make = std::function<std::unique_ptr<Worker>(const CommonOptions&)>;

const std::map<std::string, Make>& Variants() {
  static const std::map<std::string, Make> variants = {
      {"dsync", [](auto& o) { return std::make_unique<Dsync>(o); }},
      {"rwf_dsync", [](auto& o) { return std::make_unique<RwfDsync>(o); }},
      {"fdatasync", [](auto& o) { return std::make_unique<Fdatasync>(o, 0); }},
      {"direct_fdatasync",
       [](auto& o) { return std::make_unique<Fdatasync>(o, O_DIRECT); }},
      {"uring_dsync",
       [](auto& o) { return std::make_unique<Uring>(o, false); }},
      {"uring_linked",
       [](auto& o) { return std::make_unique<Uring>(o, true); }}};
  return variants;
}

int Main(int argc, char** argv) {
  CLI::App app("Synced appends to a pre-written file, bare.");
  CommonOptions options;
  std::string variant = "dsync";
  AddCommonOptions(app, options);
  app.add_option("--variant", variant)->check(CLI::IsMember(Variants()));
  CLI11_PARSE(app, argc, argv);
  options.load.threads = 1;
  PreWrite(options.load.directory + "/log", kFileSize);
  const Measurement measured = Measure(
      options.load, [&](int) { return Variants().at(variant)(options); });
  Print(ToJson(measured, options.size,
               {{"variant", variant}, {"size", options.size}}));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
