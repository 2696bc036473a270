// A synced append of one frame: the least that a durable PUT on one drive
// costs. BM_Append is one caller through Loop, LocalDrive and WriteSynced, as
// the log does it; BM_Bare is pwritev2(RWF_DSYNC) of the same bytes to a file
// that was written before, opened alike. The first takes what the second takes
// plus what the strand adds: `append.t1` is the rate of the one over the rate
// of the other. BM_Interleaved measures both in turns, so that a drive whose
// speed changes while the bench runs does not change their ratio.
// Run: TMPDIR=/on/the/drive meson test -C build --benchmark append_bench

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "benchmark/benchmark.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/system_clock.h"
#include "base/task.h"
#include "drive/file_task.h"
#include "drive/local_drive.h"
#include "drive/loop.h"

namespace cairn::drive {
namespace {

using base::AlignedBuffer;

constexpr std::uint64_t kFileSize = 64 << 20;

// A new directory, removed at the end.
class Directory {
 public:
  Directory() {
    const char* parent = std::getenv("TMPDIR");
    path_ = std::string(parent == nullptr ? "/tmp" : parent) + "/append-XXXXXX";
    CAIRN_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Offsets one after the other, round and round.
class Ring {
 public:
  explicit Ring(std::size_t frame_size) : frame_size_(frame_size) {}

  std::uint64_t Next() {
    if (next_ + frame_size_ > kFileSize) next_ = 0;
    return std::exchange(next_, next_ + frame_size_);
  }

 private:
  const std::size_t frame_size_;
  std::uint64_t next_ = 0;
};

// A log as the engine has it.
class Log {
 public:
  Log(IoMode mode, std::size_t frame_size)
      : loop_(*Loop::Start(mode)),
        drive_(*LocalDrive::Open(directory_.path(), *loop_)),
        file_(loop_->Await(MakeFile(loop_.get(), drive_.get()))),
        frame_(frame_size),
        ring_(frame_size) {}

  void Append() {
    const absl::Status status = loop_->Await(
        AppendOnStrand(loop_.get(), file_.get(), ring_.Next(), frame_.bytes()),
        WaitKind::kGroup);
    CAIRN_CHECK(status.ok());
  }

 private:
  static base::Task<std::unique_ptr<File>> MakeFile(Loop* loop, Drive* drive) {
    co_await base::OnStrand(*loop);
    auto create = Create(*drive, "log");
    auto file = co_await create;
    CAIRN_CHECK(file.ok());
    const AlignedBuffer zeroes(kFileSize);
    auto write = Write(**file, 0, zeroes.bytes());
    absl::Status status = co_await write;
    CAIRN_CHECK(status.ok());
    auto sync = Sync(**file);
    status = co_await sync;
    CAIRN_CHECK(status.ok());
    co_return *std::move(file);
  }

  static base::Task<absl::Status> AppendOnStrand(Loop* loop, File* file,
                                                 std::uint64_t offset,
                                                 base::Bytes frame) {
    co_await base::OnStrand(*loop);
    auto write = WriteSynced(*file, offset, frame);
    absl::Status status = co_await write;
    co_return status;
  }

  Directory directory_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<LocalDrive> drive_;
  std::unique_ptr<File> file_;
  AlignedBuffer frame_;
  Ring ring_;
};

// What the system does without us.
class BareFile {
 public:
  explicit BareFile(std::size_t frame_size)
      : frame_(frame_size), ring_(frame_size) {
    const std::string path = directory_.path() + "/log";
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
    CAIRN_CHECK(fd_ >= 0);
    AlignedBuffer zeroes(kFileSize);
    CAIRN_CHECK(::pwrite(fd_, zeroes.bytes().data(), kFileSize, 0) ==
                static_cast<ssize_t>(kFileSize));
    CAIRN_CHECK(::fsync(fd_) == 0);
  }
  BareFile(const BareFile&) = delete;
  BareFile& operator=(const BareFile&) = delete;
  ~BareFile() { ::close(fd_); }

  void Append() {
    const iovec vector{.iov_base = frame_.bytes().data(),
                       .iov_len = frame_.size()};
    const auto offset = static_cast<off_t>(ring_.Next());
    CAIRN_CHECK(::pwritev2(fd_, &vector, 1, offset, RWF_DSYNC) ==
                static_cast<ssize_t>(frame_.size()));
  }

 private:
  Directory directory_;
  int fd_ = -1;
  AlignedBuffer frame_;
  Ring ring_;
};

IoMode ModeOf(const benchmark::State& state) {
  return state.range(1) == 0 ? IoMode::kPosix : IoMode::kUring;
}

std::size_t SizeOf(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

void BM_Append(benchmark::State& state) {
  Log log(ModeOf(state), SizeOf(state));
  for (auto _ : state) log.Append();
}

void BM_Bare(benchmark::State& state) {
  BareFile file(SizeOf(state));
  for (auto _ : state) file.Append();
}

void BM_Interleaved(benchmark::State& state) {
  Log log(ModeOf(state), SizeOf(state));
  BareFile file(SizeOf(state));
  const base::SystemClock clock;
  absl::Duration with_us;
  absl::Duration bare;
  for (auto _ : state) {
    const absl::Time start = clock.Steady();
    log.Append();
    const absl::Time middle = clock.Steady();
    file.Append();
    with_us += middle - start;
    bare += clock.Steady() - middle;
  }
  state.counters["append.t1"] = absl::FDivDuration(bare, with_us);
}

void Modes(benchmark::internal::Benchmark* bench) {
  bench->UseRealTime()
      ->ArgNames({"size", "uring"})
      ->ArgsProduct({{4 << 10, 64 << 10}, {0, 1}});
}

BENCHMARK(BM_Append)->Apply(Modes);
BENCHMARK(BM_Bare)->UseRealTime()->ArgName("size")->Arg(4 << 10)->Arg(64 << 10);
BENCHMARK(BM_Interleaved)->Apply(Modes);

}  // namespace
}  // namespace cairn::drive
